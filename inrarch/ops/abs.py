"""Abs: |u|."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.adjoints import by_derivative
from inrarch.derivatives.compose import Series
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.rules import univariate
from inrarch.ops.operator import Hardware, Operator, elementwise


def series(emit: Emitter, application: Application, order: int) -> Series:
    """The sign; higher derivatives are 0."""
    sign = emit.elementwise("Sign", application.operand(0).value)
    return [(1, sign), *[None] * (order - 1)]


OPERATOR = Operator(
    name="Abs",
    evaluate=elementwise(np.abs),
    taylor=univariate(series),
    reverse=by_derivative(series),
    hardware=Hardware("pointwise"),
    smooth="piecewise linear: all derivatives are taken as 0 at u = 0",
    elementwise=True,
)
