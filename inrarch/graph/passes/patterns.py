"""What passes ask about a value: is it a constant, used once, a multiple of another value, safe to broadcast away."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import onnx_ir as ir

from inrarch.graph.cast import FLOATS
from inrarch.graph.shapes import Dims, dims_of

Array = np.ndarray[Any, Any]

_BLOCK = 2**16
"""Numbers computed at once, where a whole weight in float64 would take too much memory."""

MINUS_ONE = np.asarray(-1.0)


class Scaled(NamedTuple):
    """A value that is `base` x `factor` (element by element); it has the shape of `base`, `factor` is in float64."""

    base: ir.Value
    factor: Array


def is_float(value: ir.Value) -> bool:
    """Whether the algebra of real numbers applies (integers and booleans wrap round)."""
    return value.dtype in FLOATS


def is_constant(value: ir.Value | None) -> bool:
    """Whether it is an initializer that no caller can override."""
    return value is not None and value.is_initializer() and not value.is_graph_input()


def array_of(value: ir.Value) -> Array | None:
    """The array of a constant in its own type, or None."""
    if not is_constant(value) or value.const_value is None:
        return None
    array: Array = value.const_value.numpy()
    return array


def float64_of(value: ir.Value) -> Array | None:
    """The array of a float constant in float64, or None."""
    array = array_of(value) if is_float(value) else None
    return None if array is None else array.astype(np.float64)


def split_constant(node: ir.Node) -> tuple[ir.Value, ir.Value, Array] | None:
    """(other operand, constant operand, its float64 array) of a commutative node with exactly one constant operand."""
    first, second = operands(node)
    constant = float64_of(second)
    if constant is not None:
        return None if is_constant(first) else (first, second, constant)
    constant = float64_of(first)
    return None if constant is None else (second, first, constant)


def operands(node: ir.Node) -> tuple[ir.Value, ir.Value]:
    """Both operands of a binary node."""
    first, second = node.inputs
    assert first is not None, f"{node.name} lacks an operand"
    assert second is not None, f"{node.name} lacks an operand"
    return first, second


def operand(node: ir.Node, position: int = 0) -> ir.Value:
    """An operand that the operator's definition demands."""
    value = node.inputs[position]
    assert value is not None, f"{node.name} lacks operand {position}"
    return value


def scaled(value: ir.Value) -> Scaled | None:
    """How a result of Mul by a constant, or of Neg, is a multiple of another value of the same shape."""
    node = value.producer()
    if node is None or not is_float(value):
        return None
    if node.op_type == "Neg":
        return Scaled(operand(node), MINUS_ONE)
    if node.op_type == "Mul":
        parts = split_constant(node)
        if parts is not None and fits(parts[2], dims_of(parts[0])):
            return Scaled(parts[0], parts[2])
    return None


def used_once(value: ir.Value) -> bool:
    """Whether exactly one operand of one node is this value, and no output."""
    return len(value.uses()) == 1 and not value.is_graph_output()


def fits(constant: Array, dims: Dims | None) -> bool:
    """Whether broadcasting a tensor of shape `dims` against this constant certainly leaves its shape as it is."""
    if constant.ndim == 0:
        return True
    if dims is None or constant.ndim > len(dims):
        return False
    return all(size in (1, dim) for size, dim in zip(reversed(constant.shape), reversed(dims), strict=False))


def rounds_well(array: Array, value: ir.Value) -> bool:
    """Whether these numbers keep their relative accuracy in the type of `value`: no overflow, nothing lost near 0."""
    assert value.dtype is not None
    limits = np.finfo(value.dtype.numpy())
    sizes = np.abs(array)
    largest, smallest = np.max(sizes, initial=0), np.min(sizes, initial=np.inf, where=sizes > 0)
    return bool(largest <= limits.max and smallest >= limits.tiny)  # a NaN is not less than anything


def multiplied(constant: ir.Value, factor: Array) -> Array | None:
    """A float constant times a factor that does not enlarge it, in its own type; None where digits would be lost.

    Computed in float64 and rounded once; a few rows at a time, since weights may be large.
    """
    array = array_of(constant)
    assert array is not None, f"{constant.name} is not a constant"
    result = np.empty(array.shape, dtype=array.dtype)
    given, factors, rows_of_result = (np.atleast_1d(each) for each in (array, factor, result))
    factors = np.broadcast_to(factors, given.shape)
    step = max(1, _BLOCK // max(1, given[:1].size))
    for start in range(0, len(given), step):
        rows = slice(start, start + step)
        with np.errstate(all="ignore"):
            product = given[rows].astype(np.float64) * factors[rows]
        if not rounds_well(product, constant):
            return None
        rows_of_result[rows] = product
    return result


def is_shift(factor: Array) -> bool:
    """Whether a factor is one power of two (of either sign): no multiplier in fixed point."""
    return factor.size == 1 and bool(np.abs(np.frexp(factor)[0]).reshape(()) == 0.5)


def scaled_name(constant: ir.Value) -> str:
    """Name for a constant times a factor; stays the same when more factors follow."""
    name = constant.name or "constant"
    return name if name.rpartition(".")[0].endswith("/scaled") or name.endswith("/scaled") else f"{name}/scaled"
