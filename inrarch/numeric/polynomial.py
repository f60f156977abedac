"""The core of every function table: segments of degree-2 polynomials evaluated in integers.

The reduced argument t is an unsigned integer of ``region_bits + rest_bits`` bits. Its top bits choose a region, each
region has ``2**shifts[region]`` equal segments from address ``bases[region]``, so that segments are short only where
the function bends. With ``offset_bits = rest_bits - drop_bits``:

    region  = t >> rest_bits
    v       = (t & (2**rest_bits - 1)) << shifts[region]
    address = bases[region] + (v >> rest_bits)
    d       = ((v & (2**rest_bits - 1)) >> drop_bits) - 2**(offset_bits - 1)
    slope   = c1[address] + ((c2[address] * d + 2**(slope_shift - 1)) >> slope_shift)
    acc     = (c0[address] << (result_shift - GUARD_BITS)) + slope * d
    result  = acc >> result_shift

`acc` has its binary point at ``frac + result_shift`` and already holds the half for rounding, through c0. It is offered
separately because softplus adds to it before the shift.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inrarch.numeric.arithmetic import Integers

GUARD_BITS = 4
"""Bits of c0 below the result's LSB."""


@dataclass(frozen=True, slots=True)
class Polynomial:
    """Constants of the core (see the module). c0, c1, c2: one signed integer per segment, the ROM.

    approximation_lsb: largest difference, in LSB of the result, between the function and the polynomial with these
    integer coefficients, plus the roundings of `d` and `slope`; the final rounding (1/2) is not in it.
    """

    frac: int
    region_bits: int
    rest_bits: int
    shifts: tuple[int, ...]
    bases: tuple[int, ...]
    drop_bits: int
    slope_shift: int
    result_shift: int
    c0: tuple[int, ...]
    c1: tuple[int, ...]
    c2: tuple[int, ...]
    approximation_lsb: float

    @property
    def offset_bits(self) -> int:
        """Signed bits of d."""
        return self.rest_bits - self.drop_bits

    @property
    def argument_bits(self) -> int:
        """Unsigned bits of t."""
        return self.region_bits + self.rest_bits

    @property
    def coefficient_bits(self) -> tuple[int, int, int]:
        """Signed bits that hold every c0, c1, c2: the widths of the ROM's columns."""
        return signed_bits(self.c0), signed_bits(self.c1), signed_bits(self.c2)

    @property
    def slope_bits(self) -> int:
        """Signed bits of the slope."""
        c1, c2 = self.coefficient_bits[1:]
        return max(c2 + self.offset_bits, c1 + self.slope_shift) + 1 - self.slope_shift

    @property
    def sum_bits(self) -> int:
        """Signed bits of `acc`."""
        return max(self.coefficient_bits[0] + self.result_shift - GUARD_BITS, self.slope_bits + self.offset_bits) + 1


def signed_bits(values: tuple[int, ...]) -> int:
    """Smallest width of two's complement that holds all values."""
    return max((v.bit_length() if v >= 0 else (-v - 1).bit_length()) for v in values) + 1


def accumulate(core: Polynomial, t: Integers) -> Integers:
    """`acc` of the module's formula: the result at binary point ``frac + result_shift``, half an LSB added."""
    rest_mask = (1 << core.rest_bits) - 1
    if core.region_bits:
        region = t >> core.rest_bits
        v = (t & rest_mask) << np.asarray(core.shifts, dtype=np.int64)[region]
        address = np.asarray(core.bases, dtype=np.int64)[region] + (v >> core.rest_bits)
    else:
        v = t << core.shifts[0]
        address = v >> core.rest_bits
    d = ((v & rest_mask) >> core.drop_bits) - (1 << (core.offset_bits - 1))
    slope = np.asarray(core.c2, dtype=np.int64)[address]
    slope *= d
    slope += 1 << (core.slope_shift - 1)
    slope >>= core.slope_shift
    slope += np.asarray(core.c1, dtype=np.int64)[address]
    slope *= d
    slope += np.asarray([c << (core.result_shift - GUARD_BITS) for c in core.c0], dtype=np.int64)[address]
    return np.asarray(slope)


def evaluate(core: Polynomial, t: Integers) -> Integers:
    """The result at binary point ``frac``, not saturated."""
    return accumulate(core, t) >> core.result_shift
