"""Whole powers of a value by few multiplications."""

from __future__ import annotations

import onnx_ir as ir

from inrarch.derivatives.emit import Emitter


def powers(emit: Emitter, value: ir.Value, highest: int) -> list[ir.Value]:
    """u, u², …, u^highest: one multiplication each, of the two nearest to the middle (squares where they are)."""
    found = [value]
    for exponent in range(2, highest + 1):
        half = exponent // 2
        found.append(emit.multiply(found[half - 1], found[exponent - half - 1]))
    return found


def whole_power(emit: Emitter, value: ir.Value, exponent: int) -> ir.Value:
    """u^exponent for an exponent of at least 1, by repeated squaring (Knuth, TAOCP 2, 4.6.3, method A)."""
    if exponent == 1:
        return value
    half = whole_power(emit, value, exponent // 2)
    square = emit.multiply(half, half)
    return emit.multiply(square, value) if exponent % 2 else square
