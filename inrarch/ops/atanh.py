"""Atanh: inverse of the hyperbolic tangent."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.adjoints import by_derivative
from inrarch.derivatives.compose import Series
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.quadratic import inverse_quadratic
from inrarch.derivatives.rules import univariate
from inrarch.ops.operator import Hardware, Operator, elementwise


def series(emit: Emitter, application: Application, order: int) -> Series:
    """f' = 1 / (1 - u²)."""
    return [(1, value) for value in inverse_quadratic(emit, application.operand(0).value, -1, order)]


OPERATOR = Operator(
    name="Atanh",
    evaluate=elementwise(np.arctanh),
    taylor=univariate(series),
    reverse=by_derivative(series),
    hardware=Hardware("pointwise"),
    smooth="singular at -1 and 1, undefined (NaN) beyond",
    elementwise=True,
)
