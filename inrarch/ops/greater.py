"""Greater: a > b with broadcasting."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.rules import no_coefficients
from inrarch.ops.operator import NO_REVERSE, Hardware, Operator, elementwise

OPERATOR = Operator(
    name="Greater",
    evaluate=elementwise(np.greater),
    taylor=no_coefficients,
    reverse=NO_REVERSE,
    hardware=Hardware("pointwise"),
    smooth="piecewise constant: derivatives are 0, also where a = b",
)
