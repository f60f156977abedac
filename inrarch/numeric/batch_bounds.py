"""Bounds of sums over the batch: a row may be in any cell of the domain, so a sum is within `rows` times the hull."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx_ir as ir

from inrarch.graph.attributes import attributes_of
from inrarch.numeric import interval
from inrarch.numeric.interval import Bound
from inrarch.numeric.view import is_batch_product, name_of, operands


def batch_sum_bound(node: ir.Node, rows: int, bounds: Mapping[str, Bound]) -> Bound:
    """The bound of a node that sums over `rows` rows, before its rounding; without cells: [A, B] or [(1,) features]."""
    if is_batch_product(node):
        left, right = (bounds[name_of(value)] for value in operands(node))
        low, high = _hull_of_products(left, right)
    else:
        bound = bounds[name_of(node.inputs[0])]
        keep = bool(attributes_of(node).get("keepdims", 1))
        low, high = bound.low.min(axis=0, keepdims=keep), bound.high.max(axis=0, keepdims=keep)
    return interval.bounded(rows * low, rows * high)


def _hull_of_products(left: Bound, right: Bound) -> tuple[np.ndarray, np.ndarray]:
    """Least and largest product of two features of one row, over all cells; cell by cell, for the memory."""
    shape = (left.low.shape[-1], right.low.shape[-1])
    low, high = np.full(shape, np.inf), np.full(shape, -np.inf)
    for cell in range(len(left.low)):
        for a in (left.low[cell], left.high[cell]):
            for b in (right.low[cell], right.high[cell]):
                product = np.outer(a, b)
                low, high = np.minimum(low, product), np.maximum(high, product)
    return low, high
