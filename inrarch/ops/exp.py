"""Exp."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.adjoints import by_derivative
from inrarch.derivatives.compose import Series
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.rules import univariate
from inrarch.ops.operator import SMOOTH, Hardware, Operator, elementwise


def series(emit: Emitter, application: Application, order: int) -> Series:
    """exp is all its derivatives."""
    return [(1, application.output)] * order


OPERATOR = Operator(
    name="Exp",
    evaluate=elementwise(np.exp),
    taylor=univariate(series),
    reverse=by_derivative(series),
    hardware=Hardware("pointwise"),
    smooth=SMOOTH,
    elementwise=True,
)
