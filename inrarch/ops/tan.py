"""Tan."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.adjoints import by_derivative
from inrarch.derivatives.compose import Series
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.rules import leibniz, univariate
from inrarch.ops.operator import Hardware, Operator, elementwise


def series(emit: Emitter, application: Application, order: int) -> Series:
    """From t' = 1 + t²: t^(k+1) = Σ_j C(k, j) t^(j) t^(k-j) for k >= 1 (Leibniz)."""
    t = application.output
    derivatives = [t, emit.add(emit.number(1, t), emit.multiply(t, t))]
    for k in range(1, order):
        derivatives.append(leibniz(emit, derivatives, k, 1))
    return [(1, value) for value in derivatives[1:]]


OPERATOR = Operator(
    name="Tan",
    evaluate=elementwise(np.tan),
    taylor=univariate(series),
    reverse=by_derivative(series),
    hardware=Hardware("pointwise", written="Sin, Cos, Reciprocal and Mul"),
    smooth="singular at odd multiples of π/2",
    elementwise=True,
)
