"""Min: the smallest of one or more operands, with broadcasting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial, reduce
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.selecting import clipped_above
from inrarch.ops.operator import BY_DECOMPOSITION, Array, Hardware, Operator, by_decomposition, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """numpy's minimum."""
    return (reduce(np.minimum, [present(inputs, position) for position in range(len(inputs))]),)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """One choice for each operand after the first."""
    operands = [application.operand(position).value for position in range(len(application.inputs))]
    return [reduce(partial(clipped_above, emit), operands)]


OPERATOR = Operator(
    name="Min",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("none", "reaches hardware as Greater and Where"),
    smooth="piecewise: where operands are equal, derivatives are those of the first",
    decompose=decompose,
    elementwise=True,
)
