"""CastLike: Cast to the type of another operand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.ops.operator import BY_DECOMPOSITION, Array, Hardware, Operator, by_decomposition, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """As Cast."""
    like = present(inputs, 1)
    return (present(inputs, 0).astype(np.float64 if like.dtype.kind == "f" else like.dtype),)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """Cast."""
    return [emit.cast(application.operand(0).value, application.operand(1).value.dtype)]


OPERATOR = Operator(
    name="CastLike",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("none", "replaced by Cast"),
    smooth="as Cast",
    decompose=decompose,
)
