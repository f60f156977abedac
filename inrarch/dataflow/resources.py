"""What a unit costs on a board: multipliers and block RAM by counting, LUT and FF by rules of thumb.

DSP and BRAM18 count what the kernels instantiate: one product per lane, one memory word per cycle. LUT and FF are an
**estimate** (no tool has seen the design): adders and multiplexers one LUT per bit, registers one FF per bit and
pipeline stage, wires and control 10 % on top. Expect them to be off by half.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from inrarch.dataflow.cost import KINDS, Cost, excess, total
from inrarch.dataflow.memories import buffer, rom
from inrarch.dataflow.target import Target

if TYPE_CHECKING:
    from inrarch.numeric.reductions import Table

__all__ = [
    "KINDS",
    "PORT",
    "Cost",
    "buffer",
    "dsp_tiles",
    "excess",
    "fifo_cost",
    "matmul_cost",
    "operation_cost",
    "rom",
    "table_cost",
    "total",
]

CONTROL = 1.1
"""Counters, valid bits, enables: 10 % of the data path's LUT and FF."""

PORT = Cost(lut=60, ff=100)
"""A source, a sink or a fork: AXI stream registers and a counter (estimate)."""


def dsp_tiles(a_bits: int, b_bits: int, shape: tuple[int, int]) -> int:
    """DSP slices of one signed product of `a_bits` x `b_bits` on multipliers of `shape` (signed widths).

    A wide operand is cut into a signed upper part and unsigned lower parts, each one bit narrower than the multiplier,
    in the better of both orientations. A factor of at most 2 bits (0, ±1 or a power of two) is a shift: no DSP.

    >>> dsp_tiles(24, 18, (27, 18)), dsp_tiles(27, 24, (27, 18)), dsp_tiles(24, 2, (27, 18))
    (1, 2, 0)
    """
    return math.prod(tile_grid(a_bits, b_bits, shape))


def tile_grid(a_bits: int, b_bits: int, shape: tuple[int, int]) -> tuple[int, int]:
    """The tiles of `dsp_tiles` along the wide and the narrow side of the multiplier."""
    if min(a_bits, b_bits) <= 2:
        return 0, 0
    wide, narrow = shape

    def tiles(one: int, other: int) -> tuple[int, int]:
        return math.ceil((one - 1) / (wide - 1)), math.ceil((other - 1) / (narrow - 1))

    return min(tiles(a_bits, b_bits), tiles(b_bits, a_bits), key=math.prod)


def matmul_cost(
    *,
    K: int,
    M: int,
    coefficients: int,
    lanes_in: int,
    lanes_out: int,
    data_bits: int,
    weight_bits: int,
    accumulator_bits: int,
    bias_rows: int,
    target: Target,
) -> Cost:
    """A matmul unit: `lanes_in * lanes_out * coefficients` products per cycle.

    DSP: the tiles of each product. Memory: the weights, words of lanes_in x lanes_out; biases; the double input buffer,
    words of lanes_in x coefficients. LUT: sums of the products over lanes_in and of their tiles, rounding and
    saturation of each result. FF: two accumulator-wide registers per sum, one result register.
    """
    blocks_in, blocks_out = -(-K // lanes_in), -(-M // lanes_out)
    sums = lanes_out * coefficients
    tiles = dsp_tiles(data_bits, weight_bits, target.shape)
    adders = sums * (lanes_in * max(tiles, 1) - 1)
    memories = (
        rom(blocks_in * blocks_out, lanes_in * lanes_out * weight_bits, target)
        + rom(blocks_out, bias_rows * lanes_out * accumulator_bits, target)
        + buffer(2 * blocks_in, lanes_in * coefficients * data_bits, target)
    )
    return memories + Cost(
        dsp=lanes_in * sums * tiles,
        lut=round(CONTROL * (adders * accumulator_bits + sums * (accumulator_bits + 2 * data_bits))),
        ff=round(CONTROL * (adders * accumulator_bits + sums * (2 * accumulator_bits + data_bits))),
    )


def table_cost(table: Table, target: Target) -> Cost:
    """One lane of a function table: range reduction, memory of coefficients, a polynomial of degree 2."""
    from inrarch.numeric.reductions import ExponentialTable, FoldedTable, NormalisedTable, PhaseTable

    core = table.core
    c0, c1, c2 = core.coefficient_bits
    products = [(c2, core.offset_bits), (max(c1, c2) + 1, core.offset_bits)]
    if isinstance(table, PhaseTable | ExponentialTable):
        split = table.scale.split
        parts = [(table.input.bits - split, table.scale.high)] + ([(split + 1, table.scale.low)] if split else [])
        products += [(bits, factor.bit_length() + 1) for bits, factor in parts]
    adders = sum(a + b for a, b in products)
    # A multiplexer level per bit of a shift's distance; so for the place of the leading one.
    levels = table.input.bits.bit_length() * table.input.bits
    shifters = 2 * levels if isinstance(table, FoldedTable) else 3 * levels if isinstance(table, NormalisedTable) else 0
    return rom(len(core.c0), c0 + c1 + c2, target) + Cost(
        dsp=sum(dsp_tiles(a, b, target.shape) for a, b in products),
        lut=round(CONTROL * (adders + shifters + 2 * table.input.bits)),
        ff=round(CONTROL * (3 * adders + shifters)),
    )


def operation_cost(operator: str, bits: list[int], result_bits: int, target: Target) -> Cost:
    """One lane of a pointwise operator other than a table. bits: widths of its operands."""
    dsp = dsp_tiles(bits[0], bits[1], target.shape) if operator == "Mul" else 0
    wires = sum(bits) + result_bits
    return Cost(dsp=dsp, lut=round(CONTROL * wires), ff=round(CONTROL * 2 * wires))


def fifo_cost(bits: int) -> Cost:
    """A FIFO of two words, as mapping assumes it; `fifo` counts the memory of deeper ones."""
    return Cost(lut=bits // 2 + 8, ff=2 * bits + 8)
