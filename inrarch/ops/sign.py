"""Sign: -1, 0 or 1."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.rules import no_coefficients
from inrarch.ops.operator import Hardware, Operator, elementwise, no_adjoints

OPERATOR = Operator(
    name="Sign",
    evaluate=elementwise(np.sign),
    taylor=no_coefficients,
    reverse=no_adjoints,
    hardware=Hardware("pointwise", written="Greater and Where"),
    smooth="piecewise constant: derivatives are 0, also at 0, where it jumps",
    elementwise=True,
)
