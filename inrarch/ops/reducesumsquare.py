"""ReduceSumSquare: the sum of squares over axes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.reductions import axes_of, keeps_dims, reduction
from inrarch.derivatives.shaping import reduce
from inrarch.ops.operator import BY_DECOMPOSITION, SMOOTH, Hardware, Operator, by_decomposition


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """ReduceSum(x x)."""
    x = application.operand(0).value
    return [reduce(emit, "ReduceSum", emit.multiply(x, x), axes_of(application), keeps_dims(application))]


OPERATOR = Operator(
    name="ReduceSumSquare",
    evaluate=reduction(lambda data, axes, keepdims: np.sum(data * data, axis=axes, keepdims=keepdims)),
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("reduce", written="Mul and ReduceSum"),
    smooth=SMOOTH,
    decompose=decompose,
)
