"""Unsqueeze: new axes of size 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.shaping import constant_of, dims_or_refuse, reshape_like, unsqueeze, unsupported
from inrarch.ops.operator import SMOOTH, Array, Hardware, Operator, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """numpy's expand_dims."""
    return (np.expand_dims(present(inputs, 0), tuple(int(axis) for axis in present(inputs, 1).reshape(-1))),)


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """The same axes for each coefficient."""
    operand, axes = application.operand(0), constant_of(application.operand(1).value)
    if axes is None:
        raise unsupported(application, "its axes are computed", "constant axes")
    rank = len(dims_or_refuse(application, operand.value)) + len(axes)
    places = sorted(axis % rank for axis in axes)
    return {
        index: unsqueeze(emit, emit.full_along(coefficient, operand.value, []), places)
        for index, coefficient in operand.coefficients.items()
    }


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """Back to the shape of the operand."""
    return [reshape_like(emit, adjoint, application.operand(0).value), None]


OPERATOR = Operator(
    name="Unsqueeze",
    evaluate=evaluate,
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("reorder"),
    smooth=SMOOTH,
)
