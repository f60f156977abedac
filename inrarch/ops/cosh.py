"""Cosh: hyperbolic cosine."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.adjoints import by_derivative
from inrarch.derivatives.compose import Series
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.rules import univariate
from inrarch.ops.operator import SMOOTH, Hardware, Operator, elementwise


def series(emit: Emitter, application: Application, order: int) -> Series:
    """sinh, cosh, sinh, …: one sinh and one cosh whatever the order."""
    cosine, sine = application.output, emit.elementwise("Sinh", application.operand(0).value)
    return [(1, sine if k % 2 == 0 else cosine) for k in range(order)]


OPERATOR = Operator(
    name="Cosh",
    evaluate=elementwise(np.cosh),
    taylor=univariate(series),
    reverse=by_derivative(series),
    hardware=Hardware("pointwise"),
    smooth=SMOOTH,
    elementwise=True,
)
