"""Erf: error function."""

from __future__ import annotations

from math import erf, pi, sqrt

import numpy as np

from inrarch.derivatives.adjoints import by_derivative
from inrarch.derivatives.compose import Series
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.rules import univariate
from inrarch.ops.operator import SMOOTH, Array, Hardware, Operator, elementwise


def error_function(u: Array) -> Array:
    """erf of each element, by the C library."""
    return np.asarray(np.frompyfunc(erf, 1, 1)(u), dtype=u.dtype)


def series(emit: Emitter, application: Application, order: int) -> Series:
    """g = 2/√π exp(-u²), and g^(k+1) = -2 (u g^(k) + k g^(k-1)), from g' = -2 u g (Leibniz)."""
    u = application.operand(0).value
    bell = emit.elementwise("Exp", emit.negate(emit.multiply(u, u)))
    derivatives = [emit.scale(bell, 2 / sqrt(pi))]
    for k in range(order - 1):
        rest = emit.multiply(u, derivatives[k])
        if k:
            rest = emit.add(rest, emit.scale(derivatives[k - 1], k))
        derivatives.append(emit.scale(rest, -2))
    return [(1, value) for value in derivatives]


OPERATOR = Operator(
    name="Erf",
    evaluate=elementwise(error_function),
    taylor=univariate(series),
    reverse=by_derivative(series),
    hardware=Hardware("pointwise"),
    smooth=SMOOTH,
    elementwise=True,
)
