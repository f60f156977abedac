"""Round: the nearest whole number, halves to the even one."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.rules import no_coefficients
from inrarch.ops.operator import Hardware, Operator, elementwise, no_adjoints

OPERATOR = Operator(
    name="Round",
    evaluate=elementwise(np.rint),
    taylor=no_coefficients,
    reverse=no_adjoints,
    hardware=Hardware("pointwise"),
    smooth="piecewise constant: derivatives are 0, also at halves, where it jumps",
    elementwise=True,
)
