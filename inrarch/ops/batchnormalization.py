"""BatchNormalization: each channel (axis 1) shifted and scaled by what training has found; inference only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.shaping import dims_or_refuse, unsqueeze, unsupported
from inrarch.ops.operator import BY_DECOMPOSITION, SMOOTH, Array, Hardware, Operator, by_decomposition, present

EPSILON = 1e-5
"""ONNX's default."""


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """(x - mean) scale / √(variance + ε) + shift."""
    if attributes.get("training_mode", 0):
        raise ValueError("statistics of a batch are not computed: export the model for inference")
    x = present(inputs, 0)
    along = [1, -1] + [1] * (x.ndim - 2) if x.ndim > 1 else [-1]
    scale, shift, mean, variance = (present(inputs, position).reshape(along) for position in range(1, 5))
    return ((x - mean) * (scale / np.sqrt(variance + attributes.get("epsilon", EPSILON))) + shift,)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """Sub, Mul, Add; the factor is computed channel by channel, and folded where it is constant."""
    if application.attributes.get("training_mode", 0):
        raise unsupported(application, "it computes statistics of a batch", "a model exported for inference")
    x, scale, shift, mean, variance = (application.operand(position).value for position in range(5))
    after = range(1, max(1, len(dims_or_refuse(application, x)) - 1))
    epsilon = emit.number(float(application.attributes.get("epsilon", EPSILON)), x)
    factor = emit.elementwise("Div", scale, emit.elementwise("Sqrt", emit.add(variance, epsilon)))
    mean, factor, shift = (unsqueeze(emit, each, after) for each in (mean, factor, shift))
    return [emit.add(emit.multiply(emit.subtract(x, mean), factor), shift)]


OPERATOR = Operator(
    name="BatchNormalization",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("none", "derivatives are made of what it consists of: Sub, Mul, Add"),
    smooth=SMOOTH,
    decompose=decompose,
)
