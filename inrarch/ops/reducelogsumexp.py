"""ReduceLogSumExp: log Σ exp x over axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.reductions import axes_of, keeps_dims, reduction
from inrarch.derivatives.shaping import reduce, squeeze
from inrarch.derivatives.soft import below
from inrarch.ops.operator import BY_DECOMPOSITION, SMOOTH, Array, Hardware, Operator, by_decomposition


def log_sum_exp(data: Array, axes: tuple[int, ...], keepdims: bool) -> Any:
    """With the largest entry taken out, so that nothing overflows; -inf over no entries."""
    largest = np.max(data, axis=axes, keepdims=True, initial=-np.inf)
    shift = np.where(np.isfinite(largest), largest, 0)
    result = np.log(np.sum(np.exp(data - shift), axis=axes, keepdims=True)) + shift
    return result if keepdims else np.squeeze(result, axes)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """S + Log(ReduceSum(Exp(x - s))) with a whole number s near the largest entry, which does not change it."""
    x, axes = application.operand(0).value, axes_of(application)
    shift = below(emit, x, axes)
    total = reduce(emit, "ReduceSum", emit.elementwise("Exp", emit.subtract(x, shift)), axes, True)
    result = emit.add(shift, emit.elementwise("Log", total))
    return [result if keeps_dims(application) else squeeze(emit, result, axes)]


OPERATOR = Operator(
    name="ReduceLogSumExp",
    evaluate=reduction(log_sum_exp),
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("reduce", written="Exp, ReduceSum and Log"),
    smooth=SMOOTH,
    decompose=decompose,
)
