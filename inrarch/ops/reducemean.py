"""ReduceMean: the mean over axes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.reductions import axes_of, keeps_dims, per_entry, reduction, spread
from inrarch.derivatives.shaping import reduce
from inrarch.ops.operator import SMOOTH, Hardware, Operator


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """The mean of each coefficient; along an axis where it is repeated, the mean is the entry itself."""
    operand, axes, keepdims = application.operand(0), axes_of(application), keeps_dims(application)
    return {
        index: reduce(emit, "ReduceMean", emit.full_along(coefficient, operand.value, []), axes, keepdims)
        for index, coefficient in operand.coefficients.items()
    }


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """ȳ / n for every one of n entries."""
    axes = axes_of(application)
    spread_out = spread(emit, application, per_entry(emit, application, adjoint, axes), axes)
    return [emit.full(spread_out, application.operand(0).value), *[None] * (len(application.inputs) - 1)]


OPERATOR = Operator(
    name="ReduceMean",
    evaluate=reduction(lambda data, axes, keepdims: np.mean(data, axis=axes, keepdims=keepdims).astype(data.dtype)),
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("reduce", written="ReduceSum and Mul"),
    smooth=SMOOTH,
)
