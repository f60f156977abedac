"""ConstantOfShape: one number in every place of a given shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from inrarch.derivatives.rules import no_coefficients
from inrarch.ops.operator import Array, Hardware, Operator, no_adjoints, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """numpy's full; without a number, zeros."""
    number: Array = attributes["value"].numpy() if "value" in attributes else np.zeros(1)
    dtype = np.float64 if number.dtype.kind == "f" else number.dtype
    return (np.full([int(size) for size in present(inputs, 0)], number.reshape(()), dtype=dtype),)


OPERATOR = Operator(
    name="ConstantOfShape",
    evaluate=evaluate,
    taylor=no_coefficients,
    reverse=no_adjoints,
    hardware=Hardware("none", "the optimizer folds it where its shape is known; the number of rows is not"),
    smooth="a constant: derivatives are 0",
)
