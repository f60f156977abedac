"""Add: a + b with broadcasting."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.adjoints import signed
from inrarch.derivatives.rules import linear
from inrarch.ops.operator import SMOOTH, Hardware, Operator, elementwise

OPERATOR = Operator(
    name="Add",
    evaluate=elementwise(np.add),
    taylor=linear([1, 1]),
    reverse=signed([1, 1]),
    hardware=Hardware("pointwise"),
    smooth=SMOOTH,
    elementwise=True,
)
