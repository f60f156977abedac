"""Celu: u for u > 0, else α (exp(u/α) - 1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.shaping import unsupported
from inrarch.ops.operator import BY_DECOMPOSITION, Array, Hardware, Operator, by_decomposition, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The definition; the exponential of min(u, 0) does not overflow."""
    u = present(inputs, 0)
    alpha = u.dtype.type(attributes.get("alpha", 1.0))
    return (np.where(u > 0, u, alpha * np.expm1(np.minimum(u, 0) / alpha)),)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """The product α Elu(u/α); unlike Celu (before opset 28), Elu is there for float64 as well."""
    u, alpha = application.operand(0).value, Fraction(float(application.attributes.get("alpha", 1.0)))
    if alpha <= 0:
        raise unsupported(application, f"its alpha is {float(alpha):g}", "a positive alpha")
    return [emit.scale(emit.elementwise("Elu", emit.scale(u, 1 / alpha)), alpha)]


OPERATOR = Operator(
    name="Celu",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("pointwise", written="Where, Greater, Mul, Sub and Exp"),
    smooth="once differentiable at u = 0; higher derivatives there are those of the exponential",
    decompose=decompose,
    elementwise=True,
)
