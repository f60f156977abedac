"""LUT, FF and DSP of the parts that data paths are made of, by the coefficients of a fabric.

Each result is registered. The parts are synthesised, and the coefficients compared with what that gives, by
benchmarks/calibrate_resources.py.
"""

from __future__ import annotations

import math

import numpy as np

from inrarch.dataflow.cost import Cost
from inrarch.dataflow.memories import choice, rom
from inrarch.dataflow.several import Count
from inrarch.dataflow.target import Target
from inrarch.dataflow.tiles import tile_grid


def adder(bits: int, target: Target) -> Cost:
    """A sum of `bits` bits."""
    return Cost(lut=math.ceil(target.fabric.logic.adder * bits), ff=bits)


def gated_adder(bits: int, target: Target) -> Cost:
    """An accumulator that can start anew from another value."""
    logic = target.fabric.logic
    return Cost(lut=math.ceil((logic.adder + logic.gate) * bits), ff=bits)


def adder_tree(operands: Count, bits: int, target: Target) -> Cost:
    """The sum of `operands` numbers of `bits` bits, a register per level; an odd one is kept in a register."""
    cost = Cost()
    while np.any(operands > 1):
        bits += 1
        cost += adder(bits, target).times(operands // 2) + Cost(ff=bits * (operands % 2) * (operands > 1))
        operands = -(-operands // 2)
    return cost


def multiplexer(ways: Count, bits: Count, target: Target) -> Cost:
    """One of `ways` words."""
    return Cost(lut=choice(ways, bits, target.fabric.logic), ff=bits)


def clip(wide: int, bits: int, target: Target) -> Cost:
    """A number of `wide` bits saturated to `bits` bits."""
    logic, dropped = target.fabric.logic, max(wide - bits, 0)
    return Cost(lut=math.ceil(logic.saturate * bits + logic.compare * dropped) if dropped else 0, ff=bits)


def rounding(wide: int, shift: int, bits: int, target: Target) -> Cost:
    """A number of `wide` bits rounded by `shift` bits, then saturated to `bits` bits."""
    rounded = wide - shift + 1 if shift > 0 else wide
    return (adder(rounded, target) if shift > 0 else Cost()) + clip(rounded, bits, target)


def product(a: int, b: int, target: Target, dropped: int = 0) -> Cost:
    """A signed product with registers for its factors, the product and the result, whose last bits may be dropped.

    LUT: the tiles that the blocks do not add themselves. FF: none where the blocks have them and one is enough; the
    factors and low bits of other tiles (measured: see the calibration).
    """
    across, along = tile_grid(a, b, target.shape)
    wide, narrow = target.shape
    logic, tiles = target.fabric.logic, across * along
    if not tiles:
        return adder(a + b, target)
    sums = (across - 1) * (a + b - wide + 1) if logic.cascade else _tile_sums(max(a, b), min(a, b), wide, narrow)
    if not logic.packed:
        ff = 3 * (a + b)
    elif tiles == 1:
        ff = 0
    else:
        ff = 2 * (a + b) if min(across, along) > 1 else a + b + narrow - 1
    ff = max(ff - 2 * max(dropped - 1, 0), 0)
    return Cost(dsp=tiles, lut=math.ceil(logic.adder * sums), ff=ff)


def _tile_sums(long: int, short: int, wide: int, narrow: int) -> int:
    """Bits of the adders that join the tiles of a product: of each part of the long factor, then of the parts."""
    cuts, parts = -(-(short - 1) // (narrow - 1)), -(-(long - 1) // (wide - 1))
    widths = [wide] * (parts - 1) + [long - (parts - 1) * (wide - 1)]
    return (cuts - 1) * sum(max(width + short - narrow + 1, 0) for width in widths) + (parts - 1) * (
        long + short - wide + 1
    )


def polynomial(words: int, offset: int, widths: tuple[int, int, int], target: Target) -> Cost:
    """(c2 t + c1) t + c0 with the coefficients in a memory of `words` words.

    offset: bits of t, signed. widths: bits of c0, c1, c2.

    t, c1 and c0 are kept until they are needed: in shift registers of LUTs, where there are any, else in flip-flops.
    """
    c0, c1, c2 = widths
    slope = max(c1, c2) + 1
    memory = rom(words, c0 + c1 + c2, target)
    if target.fabric.memory.srl_words:
        kept = Cost(lut=c0 + c1 + offset, ff=c2 if memory.lut else 0)
    else:
        kept = Cost(ff=6 * offset + 4 * c1 + 8 * c0 + (2 if memory.lut else 1) * (c0 + c1 + c2))
    return (
        memory
        + kept
        + product(c2, offset, target)
        + adder(slope, target)
        + product(slope, offset, target)
        + adder(c0 + 1, target)
    )
