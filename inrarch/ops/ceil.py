"""Ceil: the smallest whole number that is not below u."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.rules import no_coefficients
from inrarch.ops.operator import Hardware, Operator, elementwise, no_adjoints

OPERATOR = Operator(
    name="Ceil",
    evaluate=elementwise(np.ceil),
    taylor=no_coefficients,
    reverse=no_adjoints,
    hardware=Hardware("pointwise", written="Neg and Floor"),
    smooth="piecewise constant: derivatives are 0, also at whole numbers, where it jumps",
    elementwise=True,
)
