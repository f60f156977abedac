"""Sums over the rows of a batch: left^T right and the sum of a tensor, exact up to one rounding.

`inrarch.graph.lowering.batch_products` writes the former as Gemm(left, right, transA=1); the latter is a ReduceSum over
axis 0. How many rows there are is recorded in the model (`inrarch.graph.recorded_batch`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

from inrarch.errors import UserError
from inrarch.graph.recorded_batch import recorded_batch
from inrarch.numeric.arithmetic import Saturated, exact_matmul, reduction_bits, require_width, rescale
from inrarch.numeric.formats import MAX_ACCUMULATOR_BITS, Factor, Format, Formats, TensorFormat
from inrarch.numeric.view import is_arithmetic, is_batch_product, is_batch_sum, name_of, operands


def summed_values(model: ir.Model) -> frozenset[str]:
    """Names of the values that are sums over the batch, or follow from such sums alone: one result per batch.

    Empty for a model without a recorded batch.
    """
    if recorded_batch(model) is None:
        return frozenset()
    summed = {name_of(value): False for value in model.graph.inputs}
    for node in model.graph:
        known = [summed[name_of(value)] for value in node.inputs if name_of(value) in summed]
        if is_arithmetic(node) and known:
            summed.update(dict.fromkeys(map(name_of, node.outputs), is_batch_sum(node) or all(known)))
    return frozenset(name for name, is_summed in summed.items() if is_summed)


def product_bits(left: Format, right: Format, rows: int) -> int:
    """Bits that hold every possible sum of `rows` products of values of these formats.

    >>> product_bits(Format(24, 0), Format(24, 0), 64), product_bits(Format(8, 0), Format(8, 0), 1)
    (54, 16)
    """
    return (rows << (left.bits - 1 + right.bits - 1)).bit_length() + 1


def batch_accumulators(
    model: ir.Model, tensors: Mapping[str, TensorFormat], factors: Mapping[str, Factor]
) -> dict[str, int]:
    """Width of the exact sum of every node that sums over the batch, by name. factors: rounded ones, by node.

    UserError naming the result where it is too wide, or the node where the rows of a batch are not known.
    """
    summed, found = summed_values(model), {}
    for node in model.graph:
        if not is_batch_product(node) and not (is_batch_sum(node) and name_of(node.inputs[0]) not in summed):
            continue
        if not is_arithmetic(node):
            continue
        rows = recorded_batch(model)
        if rows is None:
            raise UserError(
                "the network sums over the rows of the batch",
                place=f"node {node.name!r}",
                expected="rows that do not depend on one another, or derivatives by `parameters`",
            )
        formats = [tensors[name_of(value)].format for value in operands(node)]
        if (factor := factors.get(str(node.name))) is not None:
            formats[factor.operand] = factor.format
        bits = product_bits(formats[0], formats[1], rows) if len(formats) > 1 else reduction_bits(formats[0], rows)
        require_width(bits, name_of(node.outputs[0]), MAX_ACCUMULATOR_BITS)
        found[str(node.name)] = bits
    return found


def batch_product(node: ir.Node, formats: Formats, values: Mapping[str, npt.NDArray[Any]], fmt: Format) -> Saturated:
    """left^T right of integers [rows, A] and [rows, B]: exact, one rounding; a factor may be rounded before."""
    names = [name_of(value) for value in operands(node)]
    first, second = formats.operands_of(str(node.name), names)
    left, right = (
        rescale(values[name], formats.of(name).frac, taken).values
        for name, taken in zip(names, (first, second), strict=True)
    )
    frac = first.frac + second.frac
    bits = product_bits(first, second, len(left))
    require_width(max(bits, bits + fmt.frac - frac), name_of(node.outputs[0]))
    return rescale(np.asarray(exact_matmul(left.T, right, first.bits)), frac, fmt)
