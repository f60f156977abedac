"""Log: natural logarithm."""

from __future__ import annotations

from math import factorial

import numpy as np

from inrarch.derivatives.adjoints import by_derivative
from inrarch.derivatives.compose import Series
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.powers import powers
from inrarch.derivatives.rules import univariate
from inrarch.ops.operator import Hardware, Operator, elementwise


def series(emit: Emitter, application: Application, order: int) -> Series:
    """(-1)^(k-1) (k-1)! / u^k, from powers of one reciprocal."""
    inverse = emit.elementwise("Reciprocal", application.operand(0).value)
    return [
        (-1 if k % 2 else 1, emit.scale(power, factorial(k))) for k, power in enumerate(powers(emit, inverse, order))
    ]


OPERATOR = Operator(
    name="Log",
    evaluate=elementwise(np.log),
    taylor=univariate(series),
    reverse=by_derivative(series),
    hardware=Hardware("pointwise"),
    smooth="singular at 0, undefined (NaN) below",
    elementwise=True,
)
