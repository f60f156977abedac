"""HardSwish: u x hardsigmoid(u), with α = 1/6 and β = 1/2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.ops.hardsigmoid import hard_sigmoid
from inrarch.ops.operator import BY_DECOMPOSITION, Array, Hardware, Operator, by_decomposition, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The definition."""
    u = present(inputs, 0)
    return (u * np.clip(u / 6 + 0.5, 0, 1),)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """The product."""
    u = application.operand(0).value
    return [emit.multiply(u, hard_sigmoid(emit, u, 1 / 6, 0.5))]


OPERATOR = Operator(
    name="HardSwish",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("pointwise", written="Mul, Add, Greater and Where"),
    smooth="piecewise quadratic: at u = -3 and u = 3 derivatives are those of 0 and of u",
    decompose=decompose,
    elementwise=True,
)
