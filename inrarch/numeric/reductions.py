"""Function tables: exact range reduction around the polynomial core, all in integers (`polynomial.py` is the core).

Three reductions, by function. X is the input integer, ``x = X * 2**-input.frac``; the node saturates the result Y to
`output`.

phase (sin, cos): turns modulo 2**phase_bits, a product modulo a power of two, so that any x reduces without loss:
    Z        = scaled(X) mod 2**phase_bits               (wraps; 64-bit unsigned arithmetic gives the same)
    P        = Z >> (phase_bits - turn_bits)
    cos:     P = (P + 2**(turn_bits - 2)) mod 2**turn_bits
    quadrant = P >> (turn_bits - 2)
    t        = P mod 2**(turn_bits - 2), and 2**(turn_bits - 2) - 1 - t where quadrant is odd
    Y        = core(t), negated where quadrant >= 2      (core: the sine of a quarter turn)

window (tanh, sigmoid, softplus): outside a window the function (softplus: its distance from max(x, 0)) is constant:
    t        = clamp(X, -2**half_window_bits, 2**half_window_bits - 1) + 2**half_window_bits
    t        = t >> drop, or t << -drop where drop < 0
    Y        = core(t)
    softplus: L = clamp(X, 0, linear_max) << linear_shift, or >> -linear_shift where it is negative
              Y = (core.acc(t) + L) >> core.result_shift

exponential (exp): 2**n * 2**r:
    Z        = scaled(clamp(X, lowest, highest))
    n        = Z >> scale_frac                           (floor)
    t        = (Z mod 2**scale_frac) >> (scale_frac - core.argument_bits)
    m        = core(t)                                   (core: 2**r, in [2**core.frac, 2**(core.frac + 1)])
    Y        = round_shift(m, clamp(core.frac - output.frac - n, 0, 62))

scaled(X) = (X >> split) * high + (X mod 2**split) * low, which is X * high where split is 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inrarch.numeric.arithmetic import Integers
from inrarch.numeric.formats import Format
from inrarch.numeric.polynomial import Polynomial, accumulate, evaluate


@dataclass(frozen=True, slots=True)
class ScaledConstant:
    """An integer times a real constant, in one product or (split > 0) two with smaller error.

    error: largest difference from the exact product, in units of the result, over all integers of the input.
    """

    split: int
    high: int
    low: int
    error: float

    def apply(self, values: Integers) -> Integers:
        """``(X >> split) * high + (X mod 2**split) * low``."""
        return (values >> self.split) * self.high + (values & ((1 << self.split) - 1)) * self.low


@dataclass(frozen=True, slots=True)
class PhaseTable:
    """sin or cos; see the module."""

    function: str
    input: Format
    output: Format
    core: Polynomial
    worst_error_lsb: float
    scale: ScaledConstant
    phase_bits: int
    turn_bits: int

    def evaluate(self, values: Integers) -> Integers:
        """Result at the output's binary point, not yet saturated."""
        high, low = np.uint64(self.scale.high), np.uint64(self.scale.low)
        split = self.scale.split
        upper = (values >> split).astype(np.uint64)
        lower = (values & ((1 << split) - 1)).astype(np.uint64)
        phase = (upper * high + lower * low) & np.uint64((1 << self.phase_bits) - 1)
        turn = (phase >> np.uint64(self.phase_bits - self.turn_bits)).astype(np.int64)
        quarter = self.turn_bits - 2
        if self.function == "cos":
            turn = (turn + (1 << quarter)) & ((1 << self.turn_bits) - 1)
        quadrant = turn >> quarter
        t = (turn ^ -(quadrant & 1)) & ((1 << quarter) - 1)
        result = evaluate(self.core, t)
        return np.where(quadrant >= 2, -result, result)


@dataclass(frozen=True, slots=True)
class WindowTable:
    """tanh, sigmoid or softplus; see the module. linear_max and linear_shift are 0 but for softplus."""

    function: str
    input: Format
    output: Format
    core: Polynomial
    worst_error_lsb: float
    half_window_bits: int
    drop: int
    linear_max: int
    linear_shift: int

    def evaluate(self, values: Integers) -> Integers:
        """Result at the output's binary point, not yet saturated."""
        edge = 1 << self.half_window_bits
        t = np.clip(values, -edge, edge - 1) + edge
        t = t >> self.drop if self.drop >= 0 else t << -self.drop
        total = accumulate(self.core, t)
        if self.function == "softplus":
            linear = np.clip(values, 0, self.linear_max)
            total += linear << self.linear_shift if self.linear_shift >= 0 else linear >> -self.linear_shift
        return total >> self.core.result_shift


@dataclass(frozen=True, slots=True)
class ExponentialTable:
    """exp; see the module. lowest, highest: the inputs beyond which the result is 0 or saturates."""

    function: str
    input: Format
    output: Format
    core: Polynomial
    worst_error_lsb: float
    scale: ScaledConstant
    scale_frac: int
    lowest: int
    highest: int

    def evaluate(self, values: Integers) -> Integers:
        """Result at the output's binary point, not yet saturated."""
        scaled = self.scale.apply(np.clip(values, self.lowest, self.highest))
        exponent = scaled >> self.scale_frac
        t = (scaled & ((1 << self.scale_frac) - 1)) >> (self.scale_frac - self.core.argument_bits)
        mantissa = evaluate(self.core, t)
        shift = np.clip(self.core.frac - self.output.frac - exponent, 0, 62)
        half = (np.int64(1) << shift) >> 1
        return np.asarray((mantissa + half) >> shift)


Table = PhaseTable | WindowTable | ExponentialTable
