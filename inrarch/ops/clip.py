"""Clip: min(max(u, low), high); both bounds may be left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.selecting import clipped_above, clipped_below
from inrarch.ops.operator import BY_DECOMPOSITION, Array, Hardware, Operator, by_decomposition, optional, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The definition; the upper bound wins where they cross."""
    u, low, high = present(inputs, 0), optional(inputs, 1), optional(inputs, 2)
    u = u if low is None else np.maximum(u, low)
    return (u if high is None else np.minimum(u, high),)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """One choice for each bound."""
    u = application.operand(0).value
    bounds = [None if jet is None else jet.value for jet in application.inputs[1:]]
    for clipped, bound in zip((clipped_below, clipped_above), bounds, strict=False):
        u = u if bound is None else clipped(emit, u, bound)
    return [u]


OPERATOR = Operator(
    name="Clip",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("pointwise", written="Greater and Where"),
    smooth="piecewise: where u is equal to a bound, derivatives are those of u",
    decompose=decompose,
    elementwise=True,
)
