"""Function tables: exact range reduction around the polynomial core, all in integers (`polynomial.py` is the core).

Five reductions, by function. X is the input integer, ``x = X * 2**-input.frac``; the node saturates the result Y to
`output`.

phase (sin, cos): turns modulo 2**phase_bits, a product modulo a power of two, so that any x reduces without loss:
    Z        = scaled(X) mod 2**phase_bits               (wraps; 64-bit unsigned arithmetic gives the same)
    P        = Z >> (phase_bits - turn_bits)
    cos:     P = (P + 2**(turn_bits - 2)) mod 2**turn_bits
    quadrant = P >> (turn_bits - 2)
    t        = P mod 2**(turn_bits - 2), and 2**(turn_bits - 2) - 1 - t where quadrant is odd
    Y        = core(t), negated where quadrant >= 2      (core: the sine of a quarter turn)

window (sigmoid, softplus): outside a window the function (softplus: its distance from max(x, 0)) is constant:
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

normalised (powers -1, -1/2, 1/2 and log): 2**e * (1 + r); k = the number of bits of d:
    d        = |X| for the reciprocal, else max(X, 0)
    rest     = (d - 2**(k - 1)) << (rest_bits - k + 1)
    t        = rest, and with `halves` rest + 2**rest_bits where k is odd
    m        = (core.acc(t) + offsets[k]) >> core.result_shift
    Y        = round_shift(m, shifts[k])                 (negated for the reciprocal of X < 0); at_zero where d = 0

folded (all others): the distance from a base point, cut into octaves, where functions with a singularity or slow tails
need equally many segments each; an octave is 2**parts_bits regions of the core. k = the number of bits of d (0 for
d = 0), k0 = linear_bits, W = rest_bits + parts_bits:
    U        = |X| where the function has a symmetry, else X
    d        = clamp(U, lowest, highest) - base, or base - clamp(U, lowest, highest) where it is falling
    octave   = max(k - k0, 0)                            (0: d < 2**k0)
    rest     = d where octave = 0, else d - 2**(k - 1)
    t        = octave * 2**W + rest * 2**(W - (k0 where octave = 0, else k - 1))
    A        = core.acc(t), and 2**result_shift - A where X < 0 and the function is odd
    Y        = A >> core.result_shift

scaled(X) = (X >> split) * high + (X mod 2**split) * low, which is X * high where split is 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inrarch.numeric.arithmetic import Integers
from inrarch.numeric.formats import Format
from inrarch.numeric.functions import NONE, ODD
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
    """sigmoid or softplus; see the module. linear_max and linear_shift are 0 but for softplus."""

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


@dataclass(frozen=True, slots=True)
class FoldedTable:
    """Any other function; see the module. symmetry: that of `inrarch.numeric.functions`.

    distance_bits: unsigned bits of d. bounded: whether the function is undefined where the input is clamped.
    """

    function: str
    input: Format
    output: Format
    core: Polynomial
    worst_error_lsb: float
    symmetry: int
    lowest: int
    highest: int
    base: int
    falling: bool
    bounded: bool
    linear_bits: int
    distance_bits: int
    parts_bits: int

    def evaluate(self, values: Integers) -> Integers:
        """Result at the output's binary point, not yet saturated."""
        core, k0 = self.core, self.linear_bits
        clamped = np.clip(self._magnitude(values), self.lowest, self.highest)
        d = self.base - clamped if self.falling else clamped - self.base
        bits = np.frexp(d.astype(np.float64))[1].astype(np.int64)
        octave = np.maximum(bits - k0, 0)
        below = np.where(octave > 0, bits - 1, k0)
        whole = core.rest_bits + self.parts_bits
        rest = np.where(octave > 0, d - (np.int64(1) << below), d) << (whole - below)
        total = accumulate(core, (octave << whole) + rest)
        if self.symmetry == ODD:
            total = np.where(values < 0, (1 << core.result_shift) - total, total)
        return np.asarray(total >> core.result_shift)

    def undefined(self, values: Integers) -> int:
        """How many inputs lie outside of the function's domain by more than one LSB."""
        if not self.bounded:
            return 0
        magnitude = self._magnitude(values)
        return int(np.count_nonzero((magnitude < self.lowest - 1) | (magnitude > self.highest + 1)))

    def _magnitude(self, values: Integers) -> Integers:
        return values if self.symmetry == NONE else np.abs(values)


@dataclass(frozen=True, slots=True)
class NormalisedTable:
    """A power or the logarithm; see the module. odd: for the reciprocal. shifts, offsets: by k, from 0 on."""

    function: str
    input: Format
    output: Format
    core: Polynomial
    worst_error_lsb: float
    odd: bool
    halves: bool
    at_zero: int
    shifts: tuple[int, ...]
    offsets: tuple[int, ...]

    def evaluate(self, values: Integers) -> Integers:
        """Result at the output's binary point, not yet saturated."""
        core = self.core
        d = np.abs(values) if self.odd else np.maximum(values, 0)
        k = np.frexp(d.astype(np.float64))[1].astype(np.int64)
        below = np.maximum(k - 1, 0)
        t = (d - (np.int64(1) << below) * (k > 0)) << (core.rest_bits - below)
        if self.halves:
            t = t + ((k & 1) << core.rest_bits)
        mantissa = (accumulate(core, t) + np.asarray(self.offsets)[k]) >> core.result_shift
        shift = np.asarray(self.shifts)[k]
        result = (mantissa + ((np.int64(1) << shift) >> 1)) >> shift
        result = np.where(k == 0, self.at_zero, result)
        return np.where(values < 0, -result, result) if self.odd else result

    def undefined(self, values: Integers) -> int:
        """How many inputs lie outside of the function's domain by more than one LSB."""
        return 0 if self.odd else int(np.count_nonzero(values < -1))


Table = PhaseTable | WindowTable | ExponentialTable | NormalisedTable | FoldedTable
