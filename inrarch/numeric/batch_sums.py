"""Sums over the rows of a batch: left^T right and the sum of a tensor, exact up to one rounding.

`inrarch.graph.lowering.batch_products` writes them as Gemm(left, right, transA=1) of two computed tensors [rows, A] and
[rows, B], and as ReduceSum over axis 0. How many rows there are is recorded in the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

from inrarch.errors import UserError
from inrarch.graph.attributes import attributes_of
from inrarch.graph.recorded_batch import recorded_batch
from inrarch.numeric.arithmetic import Integers, Saturated, exact_matmul, require_width, rescale
from inrarch.numeric.formats import MAX_ACCUMULATOR_BITS, Format

PRODUCT, SUM = "Gemm", "ReduceSum"


def is_batch_product(node: ir.Node) -> bool:
    """Whether the node is left^T right of two computed tensors, summed over the rows."""
    return (
        node.op_type == PRODUCT
        and attributes_of(node) == {"transA": 1}
        and len(node.inputs) == 2
        and all(value is not None and value.const_value is None for value in node.inputs)
    )


def is_batch_sum(node: ir.Node) -> bool:
    """Whether the node sums a computed tensor over axis 0, or over what `is_batch_product` says."""
    if is_batch_product(node):
        return True
    if node.op_type != SUM or len(node.inputs) != 2 or node.inputs[1] is None:
        return False
    axes = node.inputs[1].const_value
    return axes is not None and axes.numpy().reshape(-1).tolist() == [0]


def summed_values(model: ir.Model) -> frozenset[str]:
    """Names of the values that are sums over the batch, or follow from such sums alone: one result per batch."""
    varies: dict[str, bool] = {str(value.name): False for value in model.graph.inputs}
    for node in model.graph:
        known = [varies[str(value.name)] for value in node.inputs if value is not None and str(value.name) in varies]
        if node.op_type == "Shape" or not known:
            continue
        summed = is_batch_sum(node) or all(known)
        varies.update({str(value.name): summed for value in node.outputs})
    return frozenset(name for name, summed in varies.items() if summed)


def rows_of_batch(model: ir.Model) -> int:
    """Rows that a sum has. UserError where the model does not say."""
    rows = recorded_batch(model)
    if rows is None:
        raise UserError(
            "the network sums over the rows of the batch, and it is not known how many these are",
            place="model",
            expected="rows that are independent, or derivatives by parameters (`derivatives.parameters`)",
        )
    return rows


def sum_accumulator_bits(rows: int, *operands: Format) -> int:
    """Bits that hold every sum of `rows` products of numbers of these formats (of one: the sum of the numbers)."""
    largest = rows << sum(fmt.bits - 1 for fmt in operands)
    return largest.bit_length() + 1


def checked_sum_accumulator(rows: int, operands: tuple[Format, ...], tensor: str) -> int:
    """As `sum_accumulator_bits`; UserError naming the result where it is too wide."""
    bits = sum_accumulator_bits(rows, *operands)
    require_width(bits, tensor, MAX_ACCUMULATOR_BITS)
    return bits


def batch_sum(
    node: ir.Node, operands: tuple[Format, ...], values: Mapping[str, npt.NDArray[Any]], fmt: Format
) -> Saturated:
    """The node on integers: the exact sum, one rounding. UserError for a sum that does not fit."""
    arrays: list[Integers] = [values[str(value.name)] for value in node.inputs[: len(operands)] if value is not None]
    frac = sum(operand.frac for operand in operands)
    bits = checked_sum_accumulator(len(arrays[0]), operands, str(node.outputs[0].name))
    require_width(bits + max(0, fmt.frac - frac), str(node.outputs[0].name))
    if len(arrays) == 2:
        return rescale(exact_matmul(arrays[0].T, arrays[1], operands[0].bits), frac, fmt)
    keep = bool(attributes_of(node).get("keepdims", 1))
    return rescale(np.asarray(arrays[0].sum(axis=0, keepdims=keep, dtype=np.int64)), frac, fmt)
