"""Identity."""

from __future__ import annotations

from inrarch.derivatives.adjoints import signed
from inrarch.derivatives.rules import unchanged
from inrarch.ops.operator import SMOOTH, Hardware, Operator, elementwise

OPERATOR = Operator(
    name="Identity",
    evaluate=elementwise(lambda value: value),
    taylor=unchanged,
    reverse=signed([1]),
    hardware=Hardware("reorder"),
    smooth=SMOOTH,
    elementwise=True,
)
