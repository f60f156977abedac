"""Mish: u x tanh(softplus(u))."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.ops.operator import BY_DECOMPOSITION, SMOOTH, Array, Hardware, Operator, by_decomposition, present
from inrarch.ops.softplus import evaluate as softplus


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The definition, without overflow."""
    u = present(inputs, 0)
    return (u * np.tanh(softplus([u], {})[0]),)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """The definition; neither Softplus nor its derivatives overflow."""
    u = application.operand(0).value
    return [emit.multiply(u, emit.elementwise("Tanh", emit.elementwise("Softplus", u)))]


OPERATOR = Operator(
    name="Mish",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("pointwise", written="Softplus, Tanh and Mul"),
    smooth=SMOOTH,
    decompose=decompose,
    elementwise=True,
)
