"""Tanh."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np

from inrarch.derivatives.compose import Series
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.rules import univariate
from inrarch.derivatives.sums import sum_of_products
from inrarch.ops.operator import NO_REVERSE, SMOOTH, Hardware, Operator, elementwise


def series(emit: Emitter, application: Application, order: int) -> Series:
    """From t' = 1 - t²: t^(k+1) = -Σ_j C(k, j) t^(j) t^(k-j) for k >= 1 (Leibniz)."""
    t = application.output
    derivatives = [t, emit.subtract(emit.number(1, t), emit.multiply(t, t))]
    for k in range(1, order):
        total = sum_of_products(
            emit, [(Fraction(-comb(k, j)), derivatives[j], derivatives[k - j]) for j in range(k + 1)]
        )
        if total is None:
            raise ArithmeticError("the derivatives of tanh do not vanish")
        derivatives.append(total)
    return [(1, value) for value in derivatives[1:]]


OPERATOR = Operator(
    name="Tanh",
    evaluate=elementwise(np.tanh),
    taylor=univariate(series),
    reverse=NO_REVERSE,
    hardware=Hardware("pointwise"),
    smooth=SMOOTH,
)
