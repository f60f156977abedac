"""ReduceL1: the sum of absolute values over axes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.reductions import axes_of, keeps_dims, reduction
from inrarch.derivatives.shaping import reduce
from inrarch.ops.operator import BY_DECOMPOSITION, Hardware, Operator, by_decomposition


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """ReduceSum(|x|)."""
    x = application.operand(0).value
    return [reduce(emit, "ReduceSum", emit.elementwise("Abs", x), axes_of(application), keeps_dims(application))]


OPERATOR = Operator(
    name="ReduceL1",
    evaluate=reduction(lambda data, axes, keepdims: np.sum(np.abs(data), axis=axes, keepdims=keepdims)),
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("reduce", written="Abs and ReduceSum"),
    smooth="piecewise linear: where an entry is 0, as Abs",
    decompose=decompose,
)
