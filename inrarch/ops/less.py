"""Less: a < b with broadcasting."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.rules import no_coefficients
from inrarch.ops.operator import Hardware, Operator, elementwise, no_adjoints

OPERATOR = Operator(
    name="Less",
    evaluate=elementwise(np.less),
    taylor=no_coefficients,
    reverse=no_adjoints,
    hardware=Hardware("pointwise", written="Greater"),
    smooth="piecewise constant: derivatives are 0, also where a = b",
    elementwise=True,
)
