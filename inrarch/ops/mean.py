"""Mean: of one or more operands, element by element, with broadcasting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.ops.operator import BY_DECOMPOSITION, SMOOTH, Array, Hardware, Operator, by_decomposition, folded


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The sum from left to right over the number of operands."""
    (total,) = folded(np.add)(inputs, attributes)
    return (total / len(inputs),)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """A chain of Add, and a factor."""
    operands = [jet.value for jet in application.operands()]
    return [emit.scale(reduce(emit.add, operands), Fraction(1, len(operands)))]


OPERATOR = Operator(
    name="Mean",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("pointwise", written="Add and Mul"),
    smooth=SMOOTH,
    decompose=decompose,
    elementwise=True,
)
