"""Not: the opposite of a condition."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.rules import no_coefficients
from inrarch.ops.operator import Hardware, Operator, elementwise, no_adjoints

OPERATOR = Operator(
    name="Not",
    evaluate=elementwise(np.logical_not),
    taylor=no_coefficients,
    reverse=no_adjoints,
    hardware=Hardware("pointwise"),
    smooth="a truth value: derivatives are 0",
    elementwise=True,
)
