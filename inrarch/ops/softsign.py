"""Softsign: u / (1 + |u|)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.ops.operator import BY_DECOMPOSITION, Array, Hardware, Operator, by_decomposition, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The definition."""
    u = present(inputs, 0)
    return (u / (1 + np.abs(u)),)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """The quotient."""
    u = application.operand(0).value
    return [emit.elementwise("Div", u, emit.add(emit.number(1, u), emit.elementwise("Abs", u)))]


OPERATOR = Operator(
    name="Softsign",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("pointwise", written="Mul, Reciprocal, Add and Abs"),
    smooth="once differentiable at u = 0; derivatives of Abs(u) are taken as 0 there",
    decompose=decompose,
    elementwise=True,
)
