"""Pad: entries before and after each axis: a constant, the edge, a mirror image or a repetition; negative pads cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.shaping import constant_of, dims_or_refuse, gather, pad, place_along, unsupported
from inrarch.ops.operator import Array, Hardware, Operator, optional, present

_MODES: dict[str, Literal["edge", "reflect", "wrap"]] = {"edge": "edge", "reflect": "reflect", "wrap": "wrap"}


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """numpy's pad after the cuts."""
    data, listed, value, axes = present(inputs, 0), present(inputs, 1), optional(inputs, 2), optional(inputs, 3)
    mode = attributes.get("mode", "constant")
    along = range(data.ndim) if axes is None else [int(axis) for axis in axes]
    before, after = [0] * data.ndim, [0] * data.ndim
    for position, axis in enumerate(along):
        before[axis], after[axis] = int(listed[position]), int(listed[position + len(along)])
    cuts = tuple(
        slice(max(0, -first), size - max(0, -last)) for first, last, size in zip(before, after, data.shape, strict=True)
    )
    widths = [(max(0, first), max(0, last)) for first, last in zip(before, after, strict=True)]
    if mode == "constant":
        fill = 0 if value is None else value.reshape(())
        return (np.pad(data[cuts], widths, mode="constant", constant_values=fill),)
    return (np.pad(data[cuts], widths, mode=_MODES[mode]),)


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """Zeros around each coefficient, or its own entries in the other modes; an axis that stays may be repeated."""
    operand = application.operand(0)
    widths = _widths(application)
    rank = len(dims_or_refuse(application, operand.value))
    axes = [axis for axis in range(rank) if any(widths[axis])]
    before, after = [first for first, _ in widths], [last for _, last in widths]
    mode = application.attributes.get("mode", "constant")
    result: Coefficients = {}
    for index, given in operand.coefficients.items():
        coefficient = emit.full_along(given, operand.value, axes)
        result[index] = pad(emit, coefficient, before, after, mode)
    return result


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """What was added is cut off, what was cut off is zero; in the other modes, copies are added to their originals."""
    widths, others = _widths(application), [None] * (len(application.inputs) - 1)
    mode = application.attributes.get("mode", "constant")
    if mode == "constant":
        return [pad(emit, adjoint, [-first for first, _ in widths], [-last for _, last in widths]), *others]
    dims = dims_or_refuse(application, application.operand(0).value)
    for axis, (first, last) in enumerate(widths):
        size = dims[axis]
        if first == last == 0:
            continue
        if not isinstance(size, int):
            raise unsupported(application, f"the size of axis {axis} is not known", "a known size, or mode 'constant'")
        (originals,) = evaluate([np.arange(size), np.array([first, last])], {"mode": mode})
        adjoint = _gathered_back(emit, adjoint, axis, originals.tolist(), size, len(dims))
    return [adjoint, *others]


def _gathered_back(emit: Emitter, adjoint: ir.Value, axis: int, originals: list[int], size: int, rank: int) -> ir.Value:
    """Σ over the copies of each entry along an axis, by as many sums as an entry has copies at most."""
    total: ir.Value | None = None
    remaining = list(enumerate(originals))
    while remaining or total is None:
        once = {original: copy for copy, original in reversed(remaining)}
        copies = gather(emit, adjoint, list(once.values()), axis)
        part = place_along(emit, copies, axis, list(once), size, rank)
        total = part if total is None else emit.add(total, part)
        remaining = [(copy, original) for copy, original in remaining if once[original] != copy]
    return total


def _widths(application: Application) -> list[tuple[int, int]]:
    """(before, after) of every axis."""
    rank = len(dims_or_refuse(application, application.operand(0).value))
    pads = constant_of(application.operand(1).value)
    listed = application.optional(3)
    axes = constant_of(listed.value) if listed is not None else list(range(rank))
    if pads is None or axes is None:
        raise unsupported(application, "its pads are computed", "constant pads")
    fill = application.optional(2)
    if fill is not None and fill.value.const_value is None:
        raise unsupported(application, "the value that it fills in is computed", "a constant")
    widths = [(0, 0)] * rank
    for position, axis in enumerate(axes):
        widths[axis] = pads[position], pads[position + len(axes)]
    return widths


OPERATOR = Operator(
    name="Pad",
    evaluate=evaluate,
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("reorder"),
    smooth="everywhere, for constant pads and a constant to fill in",
)
