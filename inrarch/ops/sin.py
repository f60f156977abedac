"""Sin."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.adjoints import by_derivative
from inrarch.derivatives.compose import Series
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.rules import univariate
from inrarch.ops.operator import SMOOTH, Hardware, Operator, elementwise


def series(emit: Emitter, application: Application, order: int) -> Series:
    """cos, -sin, -cos, sin, …: one sine and one cosine whatever the order."""
    sine, cosine = application.output, emit.elementwise("Cos", application.operand(0).value)
    cycle = [(1, cosine), (-1, sine), (-1, cosine), (1, sine)]
    return [cycle[k % 4] for k in range(order)]


OPERATOR = Operator(
    name="Sin",
    evaluate=elementwise(np.sin),
    taylor=univariate(series),
    reverse=by_derivative(series),
    hardware=Hardware("pointwise"),
    smooth=SMOOTH,
    elementwise=True,
)
