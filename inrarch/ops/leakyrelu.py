"""LeakyRelu: u for u >= 0, else α u."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.selecting import greater, where
from inrarch.ops.operator import BY_DECOMPOSITION, Array, Hardware, Operator, by_decomposition, present

ALPHA = 0.009999999776482582
"""0.01 in the type of attributes, float32."""


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The definition."""
    u = present(inputs, 0)
    return (np.where(u < 0, u.dtype.type(attributes.get("alpha", ALPHA)) * u, u),)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """U times its slope, 1 or α: the factor serves all coefficients."""
    u = application.operand(0).value
    one, alpha = emit.number(1, u), emit.number(application.attributes.get("alpha", ALPHA), u)
    return [emit.multiply(u, where(emit, greater(emit, emit.number(0, u), u), alpha, one))]


OPERATOR = Operator(
    name="LeakyRelu",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("pointwise", written="Greater, Where and Mul"),
    smooth="piecewise linear: the slope at u = 0 is taken as 1",
    decompose=decompose,
    elementwise=True,
)
