"""Gather: entries of an axis by their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.shaping import (
    constant_of,
    dims_or_refuse,
    place_along,
    transpose,
    unsqueeze,
)
from inrarch.graph.shapes import dims_of
from inrarch.ops.operator import SMOOTH, Array, Hardware, Operator, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """numpy's take; places count from the end where they are negative."""
    data, places = present(inputs, 0), present(inputs, 1)
    return (np.asarray(np.take(data, places.astype(np.int64), axis=int(attributes.get("axis", 0)))),)


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """The same places of each coefficient."""
    operand, places = application.operand(0), application.operand(1).value
    axis = _axis(application)
    result: Coefficients = {}
    for index, given in operand.coefficients.items():
        coefficient = emit.full_along(given, operand.value, [axis])
        dims, chosen = dims_of(coefficient), dims_of(places)
        known = None if dims is None or chosen is None else (*dims[:axis], *chosen, *dims[axis + 1 :])
        result[index] = emit.apply("Gather", (coefficient, places), {"axis": axis}, dims=known)
    return result


def _axis(application: Application) -> int:
    rank = len(dims_or_refuse(application, application.operand(0).value))
    return int(application.attributes.get("axis", 0)) % rank


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """ȳ added up at the places that were taken, zeros elsewhere."""
    data, places = application.operand(0).value, application.operand(1).value
    axis, dims = _axis(application), dims_or_refuse(application, data)
    chosen, size = dims_or_refuse(application, places), dims[axis]
    listed = constant_of(places)
    if listed is not None and isinstance(size, int):
        listed = [place % size for place in listed]
        if len(set(listed)) == len(listed) and len(chosen) <= 1:
            line = adjoint if chosen else unsqueeze(emit, adjoint, [axis])
            return [place_along(emit, line, axis, listed, size, len(dims)), None]
    return [_scattered(emit, application, adjoint, places, axis), None]


def _scattered(emit: Emitter, application: Application, adjoint: ir.Value, places: ir.Value, axis: int) -> ir.Value:
    """Zeros to which the entries are added by ScatterND, which needs the axis in front."""
    data = application.operand(0).value
    rank, depth = len(dims_or_refuse(application, data)), len(dims_or_refuse(application, places))
    to_front = [axis, *(k for k in range(rank) if k != axis)]
    updates = [*range(axis, axis + depth), *range(axis), *range(axis + depth, rank - 1 + depth)]
    zeros = transpose(emit, emit.zeros(data), to_front)
    indices = unsqueeze(emit, emit.cast(places, ir.DataType.INT64), [depth])  # Gather takes int32 as well
    inputs = (zeros, indices, transpose(emit, adjoint, updates))
    total = emit.apply("ScatterND", inputs, {"reduction": "add"}, dims=dims_of(zeros))
    return transpose(emit, total, [to_front.index(k) for k in range(rank)])


OPERATOR = Operator(
    name="Gather",
    evaluate=evaluate,
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("reorder"),
    smooth=SMOOTH,
)
