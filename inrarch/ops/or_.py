"""Or: at least one of two conditions, with broadcasting."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.rules import no_coefficients
from inrarch.ops.operator import Hardware, Operator, elementwise, no_adjoints

OPERATOR = Operator(
    name="Or",
    evaluate=elementwise(np.logical_or),
    taylor=no_coefficients,
    reverse=no_adjoints,
    hardware=Hardware("pointwise"),
    smooth="a truth value: derivatives are 0",
    elementwise=True,
)
