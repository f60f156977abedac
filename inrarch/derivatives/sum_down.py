"""Summing an adjoint down to the shape of an operand that was broadcast."""

from __future__ import annotations

import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.shaping import integers, reduce, reshape, stack
from inrarch.graph.shapes import dims_of, same_size, to_shape


def sum_down(emit: Emitter, adjoint: ir.Value, operand: ir.Value) -> ir.Value | None:
    """The adjoint with exactly the shape of `operand`, which is broadcastable to the adjoint's.

    1. Leading axes that the operand does not have, and axes where it has size 1, are summed.
    2. Axes of equal size, and axes where the operand has a known size above 1, stay.
    3. Where sizes are not known to be equal (N and M; one of them may be 1), the sizes at run time decide: with n of
       the adjoint and k of the operand, the axis is reshaped to [n / k, k], and the first of the two is summed.

    None when one of the ranks is unknown.
    """
    given, wanted = dims_of(adjoint), dims_of(operand)
    if given is None or wanted is None or len(given) < len(wanted):
        return None
    leading = len(given) - len(wanted)
    adjoint = reduce(emit, "ReduceSum", adjoint, range(leading), keepdims=False)
    ones = [axis for axis, size in enumerate(wanted) if size == 1 and given[leading + axis] != 1]
    adjoint = reduce(emit, "ReduceSum", adjoint, ones, keepdims=True)
    given = dims_of(adjoint) or ()
    if any(_undecided(have, want) for have, want in zip(given, wanted, strict=True)):
        adjoint = _decided_at_run_time(emit, adjoint, operand)
    if None in (dims_of(adjoint) or ()) and adjoint.producer() is not None:
        adjoint.shape = to_shape(wanted)
    return adjoint


def _undecided(given: int | str | None, wanted: int | str | None) -> bool:
    return given != 1 and not isinstance(wanted, int) and not same_size(given, wanted)


def _decided_at_run_time(emit: Emitter, adjoint: ir.Value, operand: ir.Value) -> ir.Value:
    rank = len(dims_of(operand) or ())
    size, one, zero = emit.shape(operand), integers(emit, [1], "one"), integers(emit, [0], "zero")
    # a size of 0 divides nothing: 0 rows are 0 times 1 row
    some = emit.elementwise("Greater", size, zero, dtype=ir.DataType.BOOL)
    divisor = emit.elementwise("Where", some, size, one, dtype=ir.DataType.INT64)
    times = emit.elementwise("Div", emit.shape(adjoint), divisor)
    sizes = reshape(emit, stack(emit, [times, size], 1), (2 * rank,))
    split = emit.apply("Reshape", (adjoint, sizes), {"allowzero": 1}, dims=(None,) * (2 * rank))
    return reduce(emit, "ReduceSum", split, range(0, 2 * rank, 2), keepdims=False)
