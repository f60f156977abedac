"""Sigmoid: 1 / (1 + exp(-u))."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.adjoints import by_derivative
from inrarch.derivatives.compose import Series
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.rules import leibniz, univariate
from inrarch.ops.operator import SMOOTH, Array, Hardware, Operator, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """1 / (1 + exp(-u)) without overflow."""
    u = present(inputs, 0)
    small = np.exp(-np.abs(u))
    return (np.where(u >= 0, 1 / (1 + small), small / (1 + small)).astype(u.dtype),)


def derivatives(emit: Emitter, s: ir.Value, order: int) -> list[ir.Value]:
    """s, s', …, s^(order) at one point, from s' = s - s²: s^(k+1) = s^(k) - Σ_j C(k, j) s^(j) s^(k-j) (Leibniz)."""
    found = [s]
    for k in range(order):
        found.append(emit.subtract(found[k], leibniz(emit, found, k, 1)))
    return found


def series(emit: Emitter, application: Application, order: int) -> Series:
    """The derivatives of order 1 and above, all positive."""
    return [(1, value) for value in derivatives(emit, application.output, order)[1:]]


OPERATOR = Operator(
    name="Sigmoid",
    evaluate=evaluate,
    taylor=univariate(series),
    reverse=by_derivative(series),
    hardware=Hardware("pointwise"),
    smooth=SMOOTH,
    elementwise=True,
)
