"""Cast: to another type of number; floating-point numbers keep their derivatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.graph.cast import FLOATS
from inrarch.ops.operator import Array, Hardware, Operator, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """To float64 for every floating-point type; to integers towards zero; to truth values: not 0."""
    return (converted(present(inputs, 0), ir.DataType(attributes["to"])),)


def converted(array: Array, to: ir.DataType) -> Array:
    """The array in a type; floats are float64, in which graphs are judged."""
    return array.astype(np.float64 if to in FLOATS else to.numpy())


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """The coefficients in the new type; none for integers and truth values."""
    to = application.output.dtype
    if to not in FLOATS:
        return {}
    return {index: emit.cast(each, to) for index, each in application.operand(0).coefficients.items()}


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """The adjoint in the operand's type."""
    given = application.operand(0).value.dtype
    return [emit.cast(adjoint, given) if {given, application.output.dtype} <= {*FLOATS} else None]


OPERATOR = Operator(
    name="Cast",
    evaluate=evaluate,
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware(
        "pointwise", written="nothing between floating-point types; from truth values Where, to them Equal", partly=True
    ),
    smooth="everywhere between floating-point types; to integers and truth values: derivatives are 0",
    elementwise=True,
)
