"""Products cut into the multiplier blocks of a device."""

from __future__ import annotations

import math


def dsp_tiles(a_bits: int, b_bits: int, shape: tuple[int, int]) -> int:
    """DSP slices of one signed product of `a_bits` x `b_bits` on multipliers of `shape` (signed widths).

    A wide operand is cut into a signed upper part and unsigned lower parts, each one bit narrower than the multiplier,
    in the better of both orientations. A factor of at most 2 bits (0, ±1 or a power of two) is a shift: no DSP.

    >>> dsp_tiles(24, 18, (27, 18)), dsp_tiles(27, 24, (27, 18)), dsp_tiles(24, 2, (27, 18))
    (1, 2, 0)
    """
    return math.prod(tile_grid(a_bits, b_bits, shape))


def tile_grid(a_bits: int, b_bits: int, shape: tuple[int, int]) -> tuple[int, int]:
    """The tiles of `dsp_tiles` along the wide and the narrow side of the multiplier; of equal choices, fewer wide."""
    if min(a_bits, b_bits) <= 2:
        return 0, 0
    wide, narrow = shape

    def tiles(one: int, other: int) -> tuple[int, int]:
        return math.ceil((one - 1) / (wide - 1)), math.ceil((other - 1) / (narrow - 1))

    return min(tiles(a_bits, b_bits), tiles(b_bits, a_bits), key=lambda grid: (math.prod(grid), grid[0]))
