"""Where: a where the condition holds, else b; with broadcasting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.ops.operator import Hardware, Operator, elementwise


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """The coefficients of the branch that is taken."""
    condition, a, b = (application.operand(position) for position in range(3))
    zero = emit.number(0, application.output)
    return {
        index: emit.elementwise(
            "Where",
            condition.value,
            a.coefficients.get(index, zero),
            b.coefficients.get(index, zero),
            dtype=application.output.dtype,
        )
        for index in application.indices
        if index in a.coefficients or index in b.coefficients
    }


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """The branch that is taken receives the adjoint, the other one 0."""
    condition, zero = application.operand(0).value, emit.number(0, adjoint)
    return [
        None,
        emit.elementwise("Where", condition, adjoint, zero, dtype=adjoint.dtype),
        emit.elementwise("Where", condition, zero, adjoint, dtype=adjoint.dtype),
    ]


OPERATOR = Operator(
    name="Where",
    evaluate=elementwise(np.where),
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("pointwise"),
    smooth="piecewise: at the border, derivatives are those of the branch that is taken",
    elementwise=True,
)
