"""Choosing between values element by element: how piecewise functions are written."""

from __future__ import annotations

import onnx_ir as ir

from inrarch.derivatives.emit import Emitter


def greater(emit: Emitter, a: ir.Value, b: ir.Value) -> ir.Value:
    """A > b, as truth values."""
    return emit.elementwise("Greater", a, b, dtype=ir.DataType.BOOL)


def where(emit: Emitter, condition: ir.Value, a: ir.Value, b: ir.Value) -> ir.Value:
    """A where the condition holds, else b."""
    return emit.elementwise("Where", condition, a, b, dtype=a.dtype)


def clipped_below(emit: Emitter, value: ir.Value, bound: ir.Value) -> ir.Value:
    """max(value, bound), which is the value (with its derivatives) where both are equal."""
    return where(emit, greater(emit, bound, value), bound, value)


def clipped_above(emit: Emitter, value: ir.Value, bound: ir.Value) -> ir.Value:
    """min(value, bound), which is the value (with its derivatives) where both are equal."""
    return where(emit, greater(emit, value, bound), bound, value)
