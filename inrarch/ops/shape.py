"""Shape: the sizes of a tensor as an int64 vector, or a slice of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from inrarch.derivatives.rules import no_coefficients
from inrarch.ops.operator import Array, Hardware, Operator, no_adjoints, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """shape[start:end]."""
    sizes = present(inputs, 0).shape[attributes.get("start", 0) : attributes.get("end")]
    return (np.array(sizes, dtype=np.int64),)


OPERATOR = Operator(
    name="Shape",
    evaluate=evaluate,
    taylor=no_coefficients,
    reverse=no_adjoints,
    hardware=Hardware("none", "shapes are fixed before hardware is made"),
    smooth="an integer: derivatives are 0",
)
