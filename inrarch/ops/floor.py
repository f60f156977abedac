"""Floor: the largest whole number that is not above u."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.rules import no_coefficients
from inrarch.ops.operator import Hardware, Operator, elementwise, no_adjoints

OPERATOR = Operator(
    name="Floor",
    evaluate=elementwise(np.floor),
    taylor=no_coefficients,
    reverse=no_adjoints,
    hardware=Hardware("pointwise"),
    smooth="piecewise constant: derivatives are 0, also at whole numbers, where it jumps",
    elementwise=True,
)
