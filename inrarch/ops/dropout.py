"""Dropout: nothing, when a model is used and not trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.shaping import unsupported
from inrarch.graph.shapes import dims_of
from inrarch.ops.operator import (
    BY_DECOMPOSITION,
    SMOOTH,
    Array,
    Hardware,
    Operator,
    by_decomposition,
    optional,
    present,
)


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The operand, and that every entry was kept."""
    ratio, training = optional(inputs, 1), optional(inputs, 2)
    if training is not None and bool(training) and (ratio is None or float(ratio) != 0):
        raise ValueError("entries are not dropped at random: export the model for inference")
    data = present(inputs, 0)
    return data, np.ones(data.shape, dtype=np.bool_)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """Identity."""
    training = application.optional(2)
    if training is not None and (training.value.const_value is None or training.value.const_value.numpy().any()):
        raise unsupported(application, "it drops entries at random", "a model exported for inference")
    data = application.operand(0).value
    kept = emit.constant(np.array(True), "true")
    mask = emit.apply("Expand", (kept, emit.shape(data)), dims=dims_of(data))
    return [emit.apply("Identity", (data,), dims=dims_of(data)), mask]


OPERATOR = Operator(
    name="Dropout",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("none", "derivatives are made without it"),
    smooth=SMOOTH,
    decompose=decompose,
)
