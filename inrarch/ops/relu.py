"""Relu: max(0, u)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.selecting import greater, where
from inrarch.ops.operator import Array, Hardware, Operator, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """max(0, u)."""
    return (np.maximum(present(inputs, 0), 0),)


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """u_α where u₀ > 0, else 0."""
    u = application.operand(0)
    return {index: _where_active(emit, u.value, coefficient) for index, coefficient in u.coefficients.items()}


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """The adjoint where u > 0, else 0."""
    return [_where_active(emit, application.operand(0).value, adjoint)]


def _where_active(emit: Emitter, u: ir.Value, value: ir.Value) -> ir.Value:
    zero = emit.number(0, u)
    return where(emit, greater(emit, u, zero), value, zero)


OPERATOR = Operator(
    name="Relu",
    evaluate=evaluate,
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("pointwise"),
    smooth="piecewise linear: all derivatives are taken as 0 at u = 0",
    elementwise=True,
)
