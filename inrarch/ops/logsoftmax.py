"""LogSoftmax: x - log Σ exp x along an axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.shaping import dims_or_refuse, reduce
from inrarch.derivatives.soft import below
from inrarch.ops.operator import BY_DECOMPOSITION, SMOOTH, Array, Hardware, Operator, by_decomposition, present
from inrarch.ops.reducelogsumexp import log_sum_exp


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The definition."""
    x = present(inputs, 0)
    return (x - log_sum_exp(x, (int(attributes.get("axis", -1)) % x.ndim,), True),)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """Z - Log(ReduceSum(Exp(z))) with z = x - s."""
    x = application.operand(0).value
    axes = [int(application.attributes.get("axis", -1)) % len(dims_or_refuse(application, x))]
    shifted = emit.subtract(x, below(emit, x, axes))
    total = reduce(emit, "ReduceSum", emit.elementwise("Exp", shifted), axes, True)
    return [emit.subtract(shifted, emit.elementwise("Log", total))]


OPERATOR = Operator(
    name="LogSoftmax",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("reduce", written="Exp, ReduceSum, Log and Sub"),
    smooth=SMOOTH,
    decompose=decompose,
)
