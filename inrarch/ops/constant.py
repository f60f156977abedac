"""Constant: a tensor from an attribute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from inrarch.derivatives.rules import no_coefficients
from inrarch.ops.operator import Array, Hardware, Operator, no_adjoints

_TYPES = {"value_float": np.float32, "value_floats": np.float32, "value_int": np.int64, "value_ints": np.int64}


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The attribute as an array; `load_model` turns these nodes into initializers."""
    ((name, value),) = attributes.items()
    return (np.asarray(value.numpy() if name == "value" else np.array(value, dtype=_TYPES[name])),)


OPERATOR = Operator(
    name="Constant",
    evaluate=evaluate,
    taylor=no_coefficients,
    reverse=no_adjoints,
    hardware=Hardware("none", "constants become initializers when a model is loaded"),
    smooth="a constant: derivatives are 0",
)
