"""HardSigmoid: α u + β, cut at 0 and 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.selecting import greater, where
from inrarch.ops.operator import BY_DECOMPOSITION, Array, Hardware, Operator, by_decomposition, present

DEFAULTS = {"alpha": 0.20000000298023224, "beta": 0.5}
"""0.2 is in the type of attributes, float32."""


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The definition."""
    u = present(inputs, 0)
    alpha, beta = (u.dtype.type(attributes.get(name, default)) for name, default in DEFAULTS.items())
    return (np.clip(alpha * u + beta, 0, 1),)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """See `hard_sigmoid`."""
    u, attributes = application.operand(0).value, application.attributes
    return [hard_sigmoid(emit, u, *(attributes.get(name, default) for name, default in DEFAULTS.items()))]


def hard_sigmoid(emit: Emitter, u: ir.Value, alpha: float, beta: float) -> ir.Value:
    """R = relu(α u + β) where it is below 1, else 1."""
    ramp = emit.elementwise("Relu", emit.add(emit.scale(u, alpha), emit.number(beta, u)))
    one = emit.number(1, u)
    return where(emit, greater(emit, one, ramp), ramp, one)


OPERATOR = Operator(
    name="HardSigmoid",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("pointwise", written="Mul, Add, Greater and Where"),
    smooth="piecewise linear: the slope is taken as 0 at both ends of the ramp",
    decompose=decompose,
    elementwise=True,
)
