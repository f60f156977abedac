"""Elu: u for u > 0, else α (exp(u) - 1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from inrarch.derivatives import exponential_unit
from inrarch.derivatives.adjoints import by_derivative
from inrarch.derivatives.compose import Series
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.rules import univariate
from inrarch.ops.operator import Array, Hardware, Operator, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The definition; the exponential of min(u, 0) does not overflow."""
    u = present(inputs, 0)
    alpha = u.dtype.type(attributes.get("alpha", 1.0))
    return (np.where(u > 0, u, alpha * np.expm1(np.minimum(u, 0))),)


def series(emit: Emitter, application: Application, order: int) -> Series:
    """Derivatives of the line and of the exponential."""
    alpha = float(application.attributes.get("alpha", 1.0))
    return exponential_unit.series(emit, application, order, line=1, scale=alpha)


OPERATOR = Operator(
    name="Elu",
    evaluate=evaluate,
    taylor=univariate(series),
    reverse=by_derivative(series),
    hardware=Hardware("pointwise", written="Where, Greater, Mul, Sub and Exp"),
    smooth="piecewise: at u = 0 derivatives are those of the exponential",
    elementwise=True,
)
