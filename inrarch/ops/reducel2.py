"""ReduceL2: the Euclidean norm over axes."""

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
    """√ReduceSum(x x)."""
    x = application.operand(0).value
    squares = reduce(emit, "ReduceSum", emit.multiply(x, x), axes_of(application), keeps_dims(application))
    return [emit.elementwise("Sqrt", squares)]


OPERATOR = Operator(
    name="ReduceL2",
    evaluate=reduction(lambda data, axes, keepdims: np.sqrt(np.sum(data * data, axis=axes, keepdims=keepdims))),
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("reduce", written="Mul, ReduceSum and Sqrt"),
    smooth="singular where the norm is 0",
    decompose=decompose,
)
