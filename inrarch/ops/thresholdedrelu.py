"""ThresholdedRelu: u for u > α, else 0."""

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
    """The definition."""
    u = present(inputs, 0)
    return (np.where(u > attributes.get("alpha", 1.0), u, 0).astype(u.dtype),)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """U where it is above α."""
    u = application.operand(0).value
    above = greater(emit, u, emit.number(application.attributes.get("alpha", 1.0), u))
    return [where(emit, above, u, emit.number(0, u))]


OPERATOR = Operator(
    name="ThresholdedRelu",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("pointwise", written="Greater and Where"),
    smooth="jumps at u = α: value and derivatives are taken as 0 there",
    decompose=decompose,
    elementwise=True,
)
