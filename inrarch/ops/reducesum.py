"""ReduceSum: the sum over axes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.reductions import axes_of, keeps_dims, reduction, spread, sum_of_coefficient
from inrarch.ops.operator import SMOOTH, Hardware, Operator


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """The sum of each coefficient."""
    operand, axes, keepdims = application.operand(0), axes_of(application), keeps_dims(application)
    return {
        index: sum_of_coefficient(emit, coefficient, operand.value, axes, keepdims)
        for index, coefficient in operand.coefficients.items()
    }


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """ȳ for every entry of its sum."""
    spread_out = spread(emit, application, adjoint, axes_of(application))
    return [emit.full(spread_out, application.operand(0).value), *[None] * (len(application.inputs) - 1)]


OPERATOR = Operator(
    name="ReduceSum",
    evaluate=reduction(lambda data, axes, keepdims: np.sum(data, axis=axes, keepdims=keepdims, dtype=data.dtype)),
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("reduce"),
    smooth=SMOOTH,
)
