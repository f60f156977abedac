"""Gelu: u Φ(u), Φ the normal distribution; or its approximation by tanh."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import pi, sqrt
from typing import Any

import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.ops.erf import error_function
from inrarch.ops.operator import BY_DECOMPOSITION, SMOOTH, Array, Hardware, Operator, by_decomposition, present
from inrarch.ops.sigmoid import evaluate as logistic

CUBIC = 0.044715
"""Hendrycks & Gimpel, Gaussian Error Linear Units, 2016."""


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The definition; (1 + tanh(z)) / 2 = sigmoid(2 z)."""
    u = present(inputs, 0)
    if attributes.get("approximate", "none") == "tanh":
        return (u * logistic([2 * sqrt(2 / pi) * (u + CUBIC * u**3)], {})[0],)
    return (u * (1 + error_function(u * sqrt(0.5))) / 2,)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """U (1 + erf(u/√2)) / 2, or u sigmoid(2 √(2/π) (u + 0.044715 u³)). ONNX has the operator from opset 20 on only."""
    u = application.operand(0).value
    if application.attributes.get("approximate", "none") == "tanh":
        cube = emit.multiply(u, emit.multiply(u, u))
        inner = emit.scale(emit.add(u, emit.scale(cube, CUBIC)), 2 * sqrt(2 / pi))
        return [emit.multiply(u, emit.elementwise("Sigmoid", inner))]
    erf = emit.elementwise("Erf", emit.scale(u, sqrt(0.5)))
    return [emit.multiply(emit.scale(u, 0.5), emit.add(erf, emit.number(1, u)))]


OPERATOR = Operator(
    name="Gelu",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("pointwise", written="Mul, Add and Erf, or with approximate=tanh Mul, Add and Sigmoid"),
    smooth=SMOOTH,
    decompose=decompose,
    elementwise=True,
)
