"""Slice: data[starts:ends:steps] along axes; bounds are inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.shaping import constant_of, dims_or_refuse, pad, place_along, unsupported
from inrarch.graph.shapes import Dims, dims_of
from inrarch.ops.operator import SMOOTH, Array, Hardware, Operator, optional, present

OPEN_END = 2**31 - 1
"""Exporters write this, or more, for "to the end"."""


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """numpy's slices, after clamping the bounds as ONNX says (an end below -size means "to the very beginning")."""
    data, starts, ends = present(inputs, 0), present(inputs, 1), present(inputs, 2)
    axes, steps = optional(inputs, 3), optional(inputs, 4)
    selection = [slice(None)] * data.ndim
    for position, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        axis = position if axes is None else int(axes[position])
        step = 1 if steps is None else int(steps[position])
        selection[axis] = _bounds(start, end, step, data.shape[axis])
    return (data[tuple(selection)],)


def _bounds(start: int, end: int, step: int, size: int) -> slice:
    start, end = (bound + size if bound < 0 else bound for bound in (start, end))
    if step > 0:
        return slice(min(max(start, 0), size), min(max(end, 0), size), step)
    start, end = min(max(start, 0), size - 1), min(max(end, -1), size - 1)
    return slice(start, None if end < 0 else end, step)


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """The same slice of each coefficient, after expanding the axes that are cut."""
    operand, dims = application.operand(0), dims_of(application.output)
    bounds = [None if jet is None else jet.value for jet in application.inputs[1:]]
    result: Coefficients = {}
    for index, given in operand.coefficients.items():
        axes = _axes(bounds, len(dims_of(operand.value) or ()))
        if axes is None:
            coefficient, cut = emit.full(given, operand.value), dims
        else:
            coefficient = emit.full_along(given, operand.value, axes)
            cut = _cut(dims_of(coefficient), dims, axes)
        result[index] = emit.apply("Slice", (coefficient, *bounds), dims=cut)
    return result


def _axes(bounds: Sequence[ir.Value | None], rank: int) -> list[int] | None:
    """The axes that are cut, or None when they are not constant."""
    listed = bounds[2] if len(bounds) > 2 else bounds[0]
    if listed is None or listed.const_value is None:
        return None
    if len(bounds) > 2:
        return [int(axis) % rank for axis in listed.const_value.numpy()]
    return list(range(listed.const_value.numpy().size))


def _cut(given: Dims | None, output: Dims | None, axes: Sequence[int]) -> Dims | None:
    if given is None or output is None:
        return None
    return tuple(output[axis] if axis in axes else size for axis, size in enumerate(given))


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """ȳ at the places that were cut out, zeros elsewhere."""
    dims = dims_or_refuse(application, application.operand(0).value)
    bounds = [None if jet is None else constant_of(jet.value) for jet in application.inputs[1:]]
    if any(bound is None and jet is not None for bound, jet in zip(bounds, application.inputs[1:], strict=True)):
        raise unsupported(application, "its bounds are computed", "constant bounds")
    starts, ends, axes, steps = [*bounds, None, None][:4]
    assert starts is not None
    assert ends is not None
    for position in reversed(range(len(starts))):
        axis = (position if axes is None else axes[position]) % len(dims)
        step = 1 if steps is None else steps[position]
        adjoint = _placed(emit, application, adjoint, (starts[position], ends[position], step), axis, dims)
    return [adjoint, *[None] * (len(application.inputs) - 1)]


def _placed(
    emit: Emitter, application: Application, adjoint: ir.Value, bounds: tuple[int, int, int], axis: int, dims: Dims
) -> ir.Value:
    """The adjoint of one cut along one axis."""
    (start, end, step), size = bounds, dims[axis]
    if isinstance(size, int):
        places = list(range(size))[_bounds(start, end, step, size)]
        return place_along(emit, adjoint, axis, places, size, len(dims))
    if step != 1 or start < 0 or 0 <= end < OPEN_END:
        raise unsupported(application, f"the size of axis {axis} is not known", "a known size, or x[a:], x[a:-b]")
    before, after = [0] * len(dims), [0] * len(dims)
    before[axis], after[axis] = start, -end if end < 0 else 0
    return pad(emit, adjoint, before, after)


OPERATOR = Operator(
    name="Slice",
    evaluate=evaluate,
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("reorder"),
    smooth=SMOOTH,
)
