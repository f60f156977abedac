"""PRelu: u for u >= 0, else slope x u."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.selecting import greater, where
from inrarch.ops.operator import BY_DECOMPOSITION, Array, Hardware, Operator, by_decomposition, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The definition; the slope is broadcast to u."""
    u, slope = present(inputs, 0), present(inputs, 1)
    return (np.where(u < 0, slope * u, u),)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """U times 1 or the slope."""
    u, slope = application.operand(0).value, application.operand(1).value
    return [emit.multiply(u, where(emit, greater(emit, emit.number(0, u), u), slope, emit.number(1, u)))]


OPERATOR = Operator(
    name="PRelu",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("pointwise", written="Greater, Where and Mul"),
    smooth="piecewise linear: the slope at u = 0 is taken as 1",
    decompose=decompose,
    elementwise=True,
)
