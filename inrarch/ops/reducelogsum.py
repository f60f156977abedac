"""ReduceLogSum: the logarithm of the sum over axes."""

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
    """Log(ReduceSum(x))."""
    x = application.operand(0).value
    total = reduce(emit, "ReduceSum", x, axes_of(application), keeps_dims(application))
    return [emit.elementwise("Log", total)]


OPERATOR = Operator(
    name="ReduceLogSum",
    evaluate=reduction(lambda data, axes, keepdims: np.log(np.sum(data, axis=axes, keepdims=keepdims))),
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("reduce", written="ReduceSum and Log"),
    smooth="singular where the sum is 0",
    decompose=decompose,
)
