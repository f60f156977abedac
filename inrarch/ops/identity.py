"""Identity."""

from __future__ import annotations

from inrarch.derivatives.rules import unchanged
from inrarch.ops.operator import NO_REVERSE, SMOOTH, Hardware, Operator, elementwise

OPERATOR = Operator(
    name="Identity",
    evaluate=elementwise(lambda value: value),
    taylor=unchanged,
    reverse=NO_REVERSE,
    hardware=Hardware("none", "the optimizer removes it"),
    smooth=SMOOTH,
)
