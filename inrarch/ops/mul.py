"""Mul: a x b with broadcasting; its coefficients are the convolution of the operands'."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.rules import convolve
from inrarch.ops.operator import SMOOTH, Hardware, Operator, elementwise


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """Σ_{β+γ=α} a_β b_γ; the emitter writes a_β b_γ and b_γ a_β once, so a square costs half."""
    return convolve(emit, application.operand(0), application.operand(1), application, emit.multiply)


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """Each operand receives the adjoint times the other one."""
    a, b = application.operand(0).value, application.operand(1).value
    return [emit.multiply(adjoint, b), emit.multiply(adjoint, a)]


OPERATOR = Operator(
    name="Mul",
    evaluate=elementwise(np.multiply),
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("pointwise"),
    smooth=SMOOTH,
    elementwise=True,
)
