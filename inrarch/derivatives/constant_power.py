"""Derivatives of u^a for a constant number a: a (a-1) … (a-k+1) u^(a-k), with at most two power functions.

A positive power is reached from the lowest one by multiplications with u, a negative one from the highest by
multiplications with 1 / u. So a base of 0 gives exact numbers wherever the derivative exists, and for whole a the base
may be negative.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.compose import Series
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.powers import whole_power

LARGEST_CHAIN = 64
"""Whole powers up to this are written as multiplications, higher ones as Pow."""


def constant_number(exponent: ir.Value) -> float | None:
    """The exponent where it is a constant of one number (or of equal ones): it is compiled into the derivatives."""
    tensor = exponent.const_value
    if tensor is None:
        return None
    numbers = np.unique(tensor.numpy())
    return float(numbers[0]) if len(numbers) == 1 else None


def constant_power_series(emit: Emitter, u: ir.Value, result: ir.Value, exponent: float, order: int) -> Series:
    """The derivatives of u^exponent of order 1 to `order`; `result` is u^exponent. Zero above order a for whole a."""
    a = Fraction(exponent)
    count = min(order, int(a)) if a.denominator == 1 and a >= 0 else order
    factor, found = Fraction(1), []
    for k, power in enumerate(_lowered(emit, u, result, a, count)):
        factor *= a - k
        size = abs(factor)
        found.append((1 if factor > 0 else -1, emit.number(size, u) if power is None else emit.scale(power, size)))
    return [*found, *[None] * (order - count)]


def _lowered(emit: Emitter, u: ir.Value, result: ir.Value, a: Fraction, count: int) -> list[ir.Value | None]:
    """u^(a-1), …, u^(a-count); None for u^0."""
    exponents = [a - k for k in range(1, count + 1)]
    positive = [exponent for exponent in exponents if exponent > 0]
    found: list[ir.Value | None] = []
    if positive:
        rising = [_power(emit, u, positive[-1])]
        for _ in positive[1:]:
            rising.append(emit.multiply(rising[-1], u))
        found += rising[::-1]
    if 0 in exponents:
        found.append(None)
    negative = [exponent for exponent in exponents if exponent < 0]
    if negative:
        inverse = emit.elementwise("Reciprocal", u) if a < 0 or len(negative) > 1 else u
        falling = emit.multiply(result, inverse) if a < 0 else _power(emit, u, negative[0])
        found.append(falling)
        for _ in negative[1:]:
            falling = emit.multiply(falling, inverse)
            found.append(falling)
    return found


def _power(emit: Emitter, u: ir.Value, exponent: Fraction) -> ir.Value:
    if exponent.denominator == 1 and 0 < exponent <= LARGEST_CHAIN:
        return whole_power(emit, u, int(exponent))
    return emit.elementwise("Pow", u, emit.number(exponent, u))
