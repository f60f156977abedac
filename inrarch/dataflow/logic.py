"""LUT, FF and DSP of the parts that data paths are made of, by the coefficients of a fabric.

Each result is registered. The parts are synthesised, and the coefficients compared with what that gives, by
benchmarks/calibrate_resources.py.
"""

from __future__ import annotations

import math

import numpy as np

from inrarch.dataflow.cost import Cost, either
from inrarch.dataflow.memories import choice
from inrarch.dataflow.several import Count, ceiling
from inrarch.dataflow.target import Target
from inrarch.dataflow.tiles import tile_grid

SHORTEST = 3
"""Cycles of the shortest shift register of LUTs."""


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


def counter(bits: Count, target: Target) -> Cost:
    """Counters of so many bits together, with what they are compared with."""
    return Cost(lut=ceiling(target.fabric.logic.counter * bits), ff=bits)


def delay(bits: Count, cycles: Count, target: Target) -> Cost:
    """A word some cycles later: registers, or, from `SHORTEST` on, shift registers of LUTs where there are any."""
    words = target.fabric.memory.srl_words
    registers = Cost(ff=cycles * bits)
    if not words:
        return registers
    return either(cycles < SHORTEST, registers, Cost(lut=-(-cycles // words) * bits))


def taken(bits: Count) -> Cost:
    """The word of a read, kept until the stage ends (kernel_lib/common/inrarch_taken.sv)."""
    return Cost(lut=bits, ff=bits)


def multiplexer(ways: Count, bits: Count, target: Target) -> Cost:
    """One of `ways` words."""
    return Cost(lut=choice(ways, bits, target.fabric.logic), ff=bits)


def shifter(bits: int, places: int, target: Target) -> Cost:
    """A word shifted by a distance of `places` bits, without a register: each two of them choose one of four words."""
    return Cost(lut=choice(4, bits, target.fabric.logic) * -(-places // 2))


def comparison(bits: int, target: Target) -> Cost:
    """Whether a number is larger than another one, without a register. bits: those that are looked at, of both."""
    return Cost(lut=math.ceil(target.fabric.logic.compare * bits))


def clip(wide: int, bits: int, target: Target) -> Cost:
    """A number of `wide` bits saturated to `bits` bits."""
    logic, dropped = target.fabric.logic, max(wide - bits, 0)
    if not dropped:
        return Cost(ff=bits)
    if dropped <= len(logic.saturate_few):
        return Cost(lut=math.ceil(logic.saturate_few[dropped - 1] * bits), ff=bits)
    return Cost(lut=math.ceil(logic.saturate * bits + logic.compare * dropped), ff=bits)


def rounding(wide: int, shift: int, bits: int, target: Target) -> Cost:
    """A number of `wide` bits rounded by `shift` bits, then, a register later, saturated to `bits` bits."""
    rounded = max(wide - shift + 1, 1) if shift > 0 else wide - shift
    return (adder(rounded, target) if shift > 0 else Cost(ff=rounded)) + clip(rounded, bits, target)


def rounding_at_once(wide: int, shift: int, bits: int, target: Target) -> Cost:
    """The same with one register behind both."""
    return Cost(lut=rounding(wide, shift, bits, target).lut, ff=bits)


def product(a: int, b: int, target: Target) -> Cost:
    """A signed product (kernel_lib/common/inrarch_product.sv).

    One tile: registers for factors, product and result. Several: one for the product of each tile, for its sums along
    the wide side (or the product again), for the sum of these. A block has those of a factor or of a single product.
    """
    across, along = tile_grid(a, b, target.shape)
    logic, tiles = target.fabric.logic, across * along
    if not tiles:
        # Nothing or the other factor, less nothing or its double: one is chosen by the adder, one in front of it.
        return gated_adder(a + b, target) + Cost(lut=max(a, b), ff=2 * (a + b))
    if tiles == 1:
        return Cost(dsp=1, ff=0 if logic.packed else 3 * (a + b))
    longs, shorts = _parts(a, b, target)
    wide, narrow = target.shape
    products = sum(one + other for one in longs for other in shorts)
    rows = [sum(longs) - len(longs) + 1 + other for other in shorts]
    sums = [row - wide + 1 for row in rows] * (across - 1) + [a + b - narrow + 1] * (along - 1)
    ff = a + b + (sum(rows) if across > 1 or not logic.packed else 0) + (0 if logic.packed else products)
    return Cost(dsp=tiles, lut=math.ceil(logic.adder * sum(sums)), ff=ff)


def _parts(a: int, b: int, target: Target) -> tuple[list[int], list[int]]:
    """Signed widths of the tiles of a product, of the factor along the wide side and of the other one."""
    grid = tile_grid(a, b, target.shape)

    def cut(bits: int, most: int) -> list[int]:
        count = max(-(-(bits - 1) // (most - 1)), 1)
        return [most] * (count - 1) + [bits - (count - 1) * (most - 1)]

    both = [(cut(one, target.shape[0]), cut(other, target.shape[1])) for one, other in ((a, b), (b, a))]
    return next(each for each in both if (len(each[0]), len(each[1])) == grid)
