"""Flatten: a matrix of the axes before, and those from a given one on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.shaping import dims_or_refuse, integers, reshape, unsupported
from inrarch.graph.shapes import Dims
from inrarch.ops.operator import BY_DECOMPOSITION, SMOOTH, Array, Hardware, Operator, by_decomposition, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """numpy's reshape."""
    data = present(inputs, 0)
    axis = _axis(attributes, data.ndim)
    return (data.reshape(prod(data.shape[:axis]), prod(data.shape[axis:])),)


def _axis(attributes: Mapping[str, Any], rank: int) -> int:
    axis = int(attributes.get("axis", 1))
    return axis + rank if axis < 0 else axis


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """Reshape."""
    data = application.operand(0).value
    dims = dims_or_refuse(application, data)
    axis = _axis(application.attributes, len(dims))
    rows, columns = _size(dims[:axis]), _size(dims[axis:])
    if isinstance(rows, int) or isinstance(columns, int):
        return [reshape(emit, data, (rows, columns))]
    if axis != 1:
        raise unsupported(application, "several sizes are not known", "one unknown size")
    return [emit.apply("Reshape", (data, integers(emit, [0, -1], "shape")), dims=(rows, columns))]


def _size(dims: Dims) -> int | str | None:
    if len(dims) == 1:
        return dims[0]
    known = [size for size in dims if isinstance(size, int)]
    return prod(known) if len(known) == len(dims) else None


OPERATOR = Operator(
    name="Flatten",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("reorder"),
    smooth=SMOOTH,
    decompose=decompose,
)
