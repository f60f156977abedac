"""Products with one rounded factor: the multiplier then needs fewer tiles.

A product of two 24-bit values takes two multipliers of 27 x 18, one of 24 x 18 takes one. The factor that is rounded is
the one whose rounding moves the product less, in the worst case over the calibrated ranges.
"""

from __future__ import annotations

from collections.abc import Mapping

import onnx_ir as ir

from inrarch.numeric.formats import Factor, Format, TensorFormat, format_for
from inrarch.numeric.view import is_batch_product, name_of, operands


def products(model: ir.Model, tensors: Mapping[str, TensorFormat], bits: int) -> list[ir.Node]:
    """The products of two tensors, in the order of the graph, both of whose operands are wider than `bits` bits.

    Products are Mul nodes, and products that sum over the batch.
    """
    return [
        node
        for node in model.graph
        if (node.op_type == "Mul" or is_batch_product(node))
        and all(tensors[name_of(value)].format.bits > bits for value in operands(node))
    ]


def narrow_factor(node: ir.Node, tensors: Mapping[str, TensorFormat], bits: int) -> Factor:
    """The factor of a product to round, and its format of `bits` bits: the same range, fewer fraction bits."""
    left, right = (tensors[name_of(value)] for value in operands(node))
    errors = [_lsb(left, bits) * right.max_abs, _lsb(right, bits) * left.max_abs]
    place = 0 if errors[0] < errors[1] else 1
    return Factor(place, _narrowed((left, right)[place], bits))


def _lsb(tensor: TensorFormat, bits: int) -> float:
    return 2.0 ** -_narrowed(tensor, bits).frac


def _narrowed(tensor: TensorFormat, bits: int) -> Format:
    """A constant's range is known; data keep theirs, guard bits included."""
    if tensor.kind == "constant":
        return format_for(tensor.max_abs, bits)
    return Format(bits, tensor.format.frac - (tensor.format.bits - bits))
