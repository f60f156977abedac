"""Softmax: exp x / Σ exp x along an axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.shaping import dims_or_refuse, reduce
from inrarch.derivatives.soft import below
from inrarch.ops.operator import BY_DECOMPOSITION, SMOOTH, Array, Hardware, Operator, by_decomposition, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """With the largest entry taken out, so that nothing overflows."""
    x, axis = present(inputs, 0), int(attributes.get("axis", -1))
    powers = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return (powers / np.sum(powers, axis=axis, keepdims=True),)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """E / ReduceSum(e) with e = Exp(x - s)."""
    x = application.operand(0).value
    axes = [int(application.attributes.get("axis", -1)) % len(dims_or_refuse(application, x))]
    powers = emit.elementwise("Exp", emit.subtract(x, below(emit, x, axes)))
    return [emit.elementwise("Div", powers, reduce(emit, "ReduceSum", powers, axes, True))]


OPERATOR = Operator(
    name="Softmax",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("reduce", written="Exp, ReduceSum, Mul and Reciprocal"),
    smooth=SMOOTH,
    decompose=decompose,
)
