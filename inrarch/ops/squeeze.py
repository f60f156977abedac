"""Squeeze: without axes of size 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.shaping import constant_of, dims_or_refuse, reshape_like, squeeze, unsupported
from inrarch.ops.operator import SMOOTH, Array, Hardware, Operator, optional, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """numpy's squeeze; all axes of size 1 where none are listed."""
    axes = optional(inputs, 1)
    return (np.squeeze(present(inputs, 0), None if axes is None else tuple(int(axis) for axis in axes.reshape(-1))),)


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """The same axes of each coefficient, in which others may have size 1 too."""
    operand = application.operand(0)
    axes = _axes(application)
    return {
        index: squeeze(emit, emit.full_along(coefficient, operand.value, []), axes)
        for index, coefficient in operand.coefficients.items()
    }


def _axes(application: Application) -> list[int]:
    dims = dims_or_refuse(application, application.operand(0).value)
    listed = application.optional(1)
    if listed is not None:
        axes = constant_of(listed.value)
        if axes is None:
            raise unsupported(application, "its axes are computed", "constant axes")
        return sorted(axis % len(dims) for axis in axes)
    if not all(isinstance(size, int) for size in dims):
        raise unsupported(application, "it lists no axes, and not all sizes are known", "constant axes")
    return [axis for axis, size in enumerate(dims) if size == 1]


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """Back to the shape of the operand."""
    back = reshape_like(emit, adjoint, application.operand(0).value)
    return [back, *[None] * (len(application.inputs) - 1)]


OPERATOR = Operator(
    name="Squeeze",
    evaluate=evaluate,
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("reorder"),
    smooth=SMOOTH,
)
