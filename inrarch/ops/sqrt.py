"""Sqrt: square root."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.adjoints import by_derivative
from inrarch.derivatives.compose import Series
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.rules import univariate
from inrarch.ops.operator import Hardware, Operator, elementwise


def series(emit: Emitter, application: Application, order: int) -> Series:
    """With r = 1 / sqrt(u): r / 2, and then f^(k+1) = -(k - 1/2) f^(k) r²."""
    root = emit.elementwise("Reciprocal", application.output)
    derivatives = [emit.scale(root, 0.5)]
    for k in range(1, order):
        derivatives.append(emit.scale(emit.multiply(derivatives[-1], emit.multiply(root, root)), k - 0.5))
    return [(-1 if k % 2 else 1, value) for k, value in enumerate(derivatives)]


OPERATOR = Operator(
    name="Sqrt",
    evaluate=elementwise(np.sqrt),
    taylor=univariate(series),
    reverse=by_derivative(series),
    hardware=Hardware("pointwise"),
    smooth="singular at 0 (infinite slope), undefined (NaN) below",
    elementwise=True,
)
