"""Mul: a x b with broadcasting; its coefficients are the convolution of the operands'."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.rules import convolve
from inrarch.ops.operator import NO_REVERSE, SMOOTH, Hardware, Operator, elementwise


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """Σ_{β+γ=α} a_β b_γ; the emitter writes a_β b_γ and b_γ a_β once, so a square costs half."""
    return convolve(emit, application.operand(0), application.operand(1), application, emit.multiply)


OPERATOR = Operator(
    name="Mul",
    evaluate=elementwise(np.multiply),
    taylor=taylor,
    reverse=NO_REVERSE,
    hardware=Hardware("pointwise"),
    smooth=SMOOTH,
)
