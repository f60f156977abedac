"""Sum: of one or more operands, with broadcasting."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.ops.operator import BY_DECOMPOSITION, SMOOTH, Hardware, Operator, by_decomposition, folded


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """A chain of Add."""
    return [reduce(emit.add, [jet.value for jet in application.operands()])]


OPERATOR = Operator(
    name="Sum",
    evaluate=folded(np.add),
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("pointwise", written="Add"),
    smooth=SMOOTH,
    decompose=decompose,
    elementwise=True,
)
