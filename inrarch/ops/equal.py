"""Equal: a = b with broadcasting."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.rules import no_coefficients
from inrarch.ops.operator import Hardware, Operator, elementwise, no_adjoints

OPERATOR = Operator(
    name="Equal",
    evaluate=elementwise(np.equal),
    taylor=no_coefficients,
    reverse=no_adjoints,
    hardware=Hardware("pointwise"),
    smooth="piecewise constant: derivatives are 0, also where a = b",
    elementwise=True,
)
