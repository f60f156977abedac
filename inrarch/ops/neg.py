"""Neg: -a."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.rules import linear
from inrarch.ops.operator import NO_REVERSE, SMOOTH, Hardware, Operator, elementwise

OPERATOR = Operator(
    name="Neg",
    evaluate=elementwise(np.negative),
    taylor=linear([-1]),
    reverse=NO_REVERSE,
    hardware=Hardware("pointwise"),
    smooth=SMOOTH,
)
