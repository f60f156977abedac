"""Bounds of sums over the batch: a row may be in any cell of the domain, so a sum is within `rows` times the hull."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from inrarch.graph.attributes import attributes_of
from inrarch.numeric import interval
from inrarch.numeric.interval import Bound
from inrarch.numeric.view import is_batch_product


def batch_sum_bound(node: ir.Node, rows: int, taken: Sequence[Bound]) -> Bound:
    """The bound of a node that sums over `rows` rows, before its rounding; without cells: [A, B] or [(1,) features].

    taken: bounds of its operands.
    """
    if is_batch_product(node):
        low, high = _hull_of_products(taken[0], taken[1])
    else:
        bound = taken[0]
        keep = bool(attributes_of(node).get("keepdims", 1))
        low, high = bound.low.min(axis=0, keepdims=keep), bound.high.max(axis=0, keepdims=keep)
    return interval.bounded(rows * low, rows * high)


def _hull_of_products(left: Bound, right: Bound) -> tuple[np.ndarray, np.ndarray]:
    """Least and largest product of two features of one row, over all cells; cell by cell, for the memory."""
    # A bound that is the same in all cells has one.
    cells = max(len(left.low), len(right.low))
    shape = (left.low.shape[-1], right.low.shape[-1])
    a_ends = [np.broadcast_to(end, (cells, shape[0])) for end in (left.low, left.high)]
    b_ends = [np.broadcast_to(end, (cells, shape[1])) for end in (right.low, right.high)]
    low, high = np.full(shape, np.inf), np.full(shape, -np.inf)
    for cell in range(cells):
        for a in (end[cell] for end in a_ends):
            for b in (end[cell] for end in b_ends):
                product = np.outer(a, b)
                low, high = np.minimum(low, product), np.maximum(high, product)
    return low, high
