"""What a unit costs on a board, put together from the parts of `logic` and `memories`.

DSP, BRAM18 and UltraRAM count what the kernels instantiate: one product per lane, one memory word per cycle. LUT and FF
are an **estimate**, compared with a synthesis tool for parts and for whole designs (docs/resources.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from inrarch.dataflow.cost import KINDS, Cost, excess, total
from inrarch.dataflow.logic import adder, clip, counter, multiplexer, polynomial, product, rounding, rounding_at_once
from inrarch.dataflow.memories import FIFO_LUT_WORDS, block_ram, buffer, lut_memory, rom
from inrarch.dataflow.target import Target
from inrarch.dataflow.tiles import dsp_tiles, tile_grid

if TYPE_CHECKING:
    from inrarch.numeric.formats import Format
    from inrarch.numeric.reductions import Table

__all__ = [
    "KINDS",
    "Cost",
    "buffer",
    "dsp_tiles",
    "excess",
    "fifo_cost",
    "operation_cost",
    "rom",
    "table_cost",
    "tile_grid",
    "total",
]

SHORT = 10
"""Bits of the counters of a kernel that only moves tokens: fitted to synthesised designs."""

LONG = 55
"""Bits of the counters and of the control of a kernel that has rows, groups or blocks: fitted likewise."""


def table_cost(table: Table, target: Target) -> Cost:
    """One lane of a function table: range reduction, memory of coefficients, a polynomial of degree 2, rounding."""
    from inrarch.numeric.reductions import ExponentialTable, FoldedTable, NormalisedTable, PhaseTable

    core, bits = table.core, table.input.bits
    cost = polynomial(len(core.c0), core.offset_bits, core.coefficient_bits, target)
    if isinstance(table, PhaseTable | ExponentialTable):
        split = table.scale.split
        parts = [(bits - split, table.scale.high)] + ([(split + 1, table.scale.low)] if split else [])
        widths = [(wide, factor.bit_length() + 1) for wide, factor in parts]
        scaled = max(map(sum, widths))
        cost += total(product(*each, target) for each in widths) + Cost(ff=bits)
        cost += adder(scaled, target) if split else Cost(ff=scaled)
    # A multiplexer level per bit of a shift's distance; so for the place of the leading one.
    levels = 2 if isinstance(table, FoldedTable) else 3 if isinstance(table, NormalisedTable) else 0
    cost += multiplexer(2, bits, target).times(levels * bits.bit_length())
    # Into the window (or the quadrant, the positive half); a sign; rounding is saturation, for the sum has the half.
    return (
        cost
        + clip(bits + 1, bits, target)
        + adder(table.output.bits + 2, target)
        + clip(table.output.bits + 2, table.output.bits, target)
    )


def operation_cost(operator: str, given: Sequence[Format], result: Format, target: Target) -> Cost:
    """One lane of a pointwise operator other than a table. given: formats of its operands where they are used."""
    bits = [each.bits for each in given]
    if operator == "Mul":
        factors = Cost(ff=sum(bits))
        return factors + product(bits[0], bits[1], target) + product_rounding(given, result, target)
    if operator in ("Add", "Sub"):
        frac = max(each.frac for each in given)
        wide = max(each.bits + frac - each.frac for each in given) + 1
        return adder(wide, target) + rounding_at_once(wide, frac - result.frac, result.bits, target)
    if operator == "Where":
        return multiplexer(2, result.bits, target)
    frac = given[0].frac if given else result.frac
    return rounding_at_once(max(bits, default=1) + 1, frac - result.frac, result.bits, target)


def product_rounding(given: Sequence[Format], result: Format, target: Target) -> Cost:
    """What stands behind a product of two factors."""
    shift = sum(each.frac for each in given) - result.frac
    return rounding_at_once(sum(each.bits for each in given), shift, result.bits, target)


def factor_cost(given: int, bits: int, target: Target) -> Cost:
    """The rounding of a factor of `given` bits to `bits`; none of 0."""
    return Cost(lut=rounding(given, given - bits, bits, target).lut) if given > bits else Cost()


def fifo_cost(bits: int, target: Target, depth: int = 2) -> Cost:
    """A FIFO of `depth` words; mapping assumes two. Registers, LUT memory or block RAM (kernel_lib/common)."""
    pointers = 2 * max((depth - 1).bit_length(), 1) + 2 * depth.bit_length()
    counters = counter(pointers + (depth > 2), target)
    if depth <= 2:
        return counters + Cost(lut=bits, ff=2 * bits)
    if depth > FIFO_LUT_WORDS:
        return counters + Cost(bram18=block_ram(depth, bits, target.fabric.memory))
    return counters + Cost(lut=lut_memory(depth, bits, target), ff=bits)
