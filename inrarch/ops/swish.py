"""Swish: u x sigmoid(α u)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.ops.operator import BY_DECOMPOSITION, SMOOTH, Array, Hardware, Operator, by_decomposition, present
from inrarch.ops.sigmoid import evaluate as logistic


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The definition, without overflow."""
    u = present(inputs, 0)
    return (u * logistic([u.dtype.type(attributes.get("alpha", 1.0)) * u], {})[0],)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """The product. ONNX has the operator from opset 24 on only."""
    u = application.operand(0).value
    scaled = emit.scale(u, application.attributes.get("alpha", 1.0))
    return [emit.multiply(u, emit.elementwise("Sigmoid", scaled))]


OPERATOR = Operator(
    name="Swish",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("pointwise", written="Sigmoid and Mul"),
    smooth=SMOOTH,
    decompose=decompose,
    elementwise=True,
)
