"""Sqrt: square root."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.adjoints import by_derivative
from inrarch.derivatives.compose import Series
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.rules import univariate
from inrarch.ops.operator import Hardware, Operator, elementwise


def series(emit: Emitter, application: Application, order: int) -> Series:
    """1 / (2 sqrt(u)), and then f^(k+1) = -(k - 1/2) f^(k) / u."""
    u = application.operand(0).value
    slope = emit.elementwise("Div", emit.number(0.5, u), application.output)
    derivatives = [slope]
    if order > 1:
        inverse = emit.elementwise("Reciprocal", u)
        for k in range(1, order):
            derivatives.append(emit.scale(emit.multiply(derivatives[-1], inverse), k - 0.5))
    return [(-1 if k % 2 else 1, value) for k, value in enumerate(derivatives)]


OPERATOR = Operator(
    name="Sqrt",
    evaluate=elementwise(np.sqrt),
    taylor=univariate(series),
    reverse=by_derivative(series),
    hardware=Hardware("none", "hardware has no table of this function"),
    smooth="singular at 0 (infinite slope), undefined (NaN) below",
)
