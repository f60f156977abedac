"""Where: a where the condition holds, else b; with broadcasting."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.ops.operator import NO_REVERSE, Hardware, Operator, elementwise


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


OPERATOR = Operator(
    name="Where",
    evaluate=elementwise(np.where),
    taylor=taylor,
    reverse=NO_REVERSE,
    hardware=Hardware("pointwise"),
    smooth="piecewise: at the border, derivatives are those of the branch that is taken",
)
