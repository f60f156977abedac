"""Softplus: log(1 + exp(u))."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from inrarch.derivatives.adjoints import by_derivative
from inrarch.derivatives.compose import Series
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.rules import univariate
from inrarch.ops.operator import SMOOTH, Array, Hardware, Operator, present
from inrarch.ops.sigmoid import derivatives


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """log(1 + exp(u)) without overflow."""
    u = present(inputs, 0)
    return (np.asarray(np.maximum(u, 0) + np.log1p(np.exp(-np.abs(u)))),)


def series(emit: Emitter, application: Application, order: int) -> Series:
    """The first derivative is the sigmoid."""
    sigmoid = emit.elementwise("Sigmoid", application.operand(0).value)
    return [(1, value) for value in derivatives(emit, sigmoid, order - 1)]


OPERATOR = Operator(
    name="Softplus",
    evaluate=evaluate,
    taylor=univariate(series),
    reverse=by_derivative(series),
    hardware=Hardware("pointwise"),
    smooth=SMOOTH,
    elementwise=True,
)
