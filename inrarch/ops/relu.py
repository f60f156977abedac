"""Relu: max(0, u)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.ops.operator import NO_REVERSE, Array, Hardware, Operator, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """max(0, u)."""
    return (np.maximum(present(inputs, 0), 0),)


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """u_α where u₀ > 0, else 0."""
    u = application.operand(0)
    if not u.coefficients:
        return {}
    zero = emit.number(0, u.value)
    active = emit.elementwise("Greater", u.value, zero, dtype=ir.DataType.BOOL)
    return {
        index: emit.elementwise("Where", active, coefficient, zero, dtype=u.value.dtype)
        for index, coefficient in u.coefficients.items()
    }


OPERATOR = Operator(
    name="Relu",
    evaluate=evaluate,
    taylor=taylor,
    reverse=NO_REVERSE,
    hardware=Hardware("pointwise"),
    smooth="piecewise linear: all derivatives are taken as 0 at u = 0",
)
