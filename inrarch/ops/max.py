"""Max: the largest of one or more operands, with broadcasting."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial, reduce

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.selecting import clipped_below
from inrarch.ops.operator import BY_DECOMPOSITION, Hardware, Operator, by_decomposition, folded


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """One choice for each operand after the first."""
    operands = [jet.value for jet in application.operands()]
    return [reduce(partial(clipped_below, emit), operands)]


OPERATOR = Operator(
    name="Max",
    evaluate=folded(np.maximum),
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("pointwise", written="Greater and Where"),
    smooth="piecewise: where operands are equal, derivatives are those of the first",
    decompose=decompose,
    elementwise=True,
)
