"""MatMul: matrix product, numpy's rules for stacks and vectors."""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.rules import convolve
from inrarch.graph.shapes import dims_of
from inrarch.ops.operator import NO_REVERSE, SMOOTH, Hardware, Operator, elementwise


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """Convolution of the coefficients; a row-constant coefficient is multiplied once, not row by row."""
    a, b = application.operand(0), application.operand(1)
    b_axis = -1 if len(dims_of(b.value) or ()) == 1 else -2

    def product(left: ir.Value, right: ir.Value) -> ir.Value:
        return emit.matmul(emit.full_along(left, a.value, [-1]), emit.full_along(right, b.value, [b_axis]))

    return convolve(emit, a, b, application, product)


OPERATOR = Operator(
    name="MatMul",
    evaluate=elementwise(np.matmul),
    taylor=taylor,
    reverse=NO_REVERSE,
    hardware=Hardware("matmul"),
    smooth=SMOOTH,
)
