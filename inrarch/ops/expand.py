"""Expand: broadcast to a shape (two-way: sizes of the operand may be larger than those asked for)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.rules import unchanged
from inrarch.ops.operator import SMOOTH, Array, Hardware, Operator, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The operand broadcast with the shape that the second input lists."""
    value, shape = present(inputs, 0), tuple(int(size) for size in present(inputs, 1))
    return (np.broadcast_to(value, np.broadcast_shapes(value.shape, shape)).copy(),)


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """ȳ as it is: the sweep sums it down to the operand's shape."""
    return [adjoint, None]


OPERATOR = Operator(
    name="Expand",
    evaluate=evaluate,
    taylor=unchanged,
    reverse=reverse,
    hardware=Hardware("reorder"),
    smooth=SMOOTH,
)
