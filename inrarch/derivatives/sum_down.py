"""Summing an adjoint down to the shape of an operand that was broadcast."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.graph.shapes import Dims, dims_of, same_size, to_shape


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
    if leading:
        adjoint = _sum(emit, adjoint, tuple(range(leading)), given[leading:], keepdims=False)
        given = given[leading:]
    ones = tuple(axis for axis, size in enumerate(wanted) if size == 1 and given[axis] != 1)
    if ones:
        kept: Dims = tuple(1 if axis in ones else size for axis, size in enumerate(given))
        adjoint, given = _sum(emit, adjoint, ones, kept, keepdims=True), kept
    if any(_undecided(have, want) for have, want in zip(given, wanted, strict=True)):
        return _decided_at_run_time(emit, adjoint, operand)
    if None in given and adjoint.producer() is not None:
        adjoint.shape = to_shape(wanted)
    return adjoint


def _undecided(given: int | str | None, wanted: int | str | None) -> bool:
    return given != 1 and not isinstance(wanted, int) and not same_size(given, wanted)


def _sum(emit: Emitter, value: ir.Value, axes: tuple[int, ...], dims: Dims, *, keepdims: bool) -> ir.Value:
    return emit.apply("ReduceSum", (value, _integers(emit, axes)), {"keepdims": int(keepdims)}, dims=dims)


def _decided_at_run_time(emit: Emitter, adjoint: ir.Value, operand: ir.Value) -> ir.Value:
    rank = len(dims_of(operand) or ())
    size, one, zero = emit.shape(operand), _integers(emit, [1]), _integers(emit, [0])
    # a size of 0 divides nothing: 0 rows are 0 times 1 row
    some = emit.elementwise("Greater", size, zero, dtype=ir.DataType.BOOL)
    divisor = emit.elementwise("Where", some, size, one, dtype=ir.DataType.INT64)
    times = emit.elementwise("Div", emit.shape(adjoint), divisor)
    columns = [emit.apply("Unsqueeze", (each, one), dims=(rank, 1)) for each in (times, size)]
    pairs = emit.apply("Concat", columns, {"axis": 1}, dims=(rank, 2))
    sizes = emit.apply("Reshape", (pairs, _integers(emit, [-1])), dims=(2 * rank,))
    split = emit.apply("Reshape", (adjoint, sizes), {"allowzero": 1}, dims=(None,) * (2 * rank))
    return _sum(emit, split, tuple(range(0, 2 * rank, 2)), dims_of(operand) or (), keepdims=False)


def _integers(emit: Emitter, numbers: Sequence[int]) -> ir.Value:
    return emit.constant(np.array(numbers, dtype=np.int64), "integers")
