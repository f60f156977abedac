"""What a unit costs on a board, put together from the parts of `logic` and `memories`.

DSP, BRAM18 and UltraRAM count what the kernels instantiate: one product per lane, one memory word per cycle. LUT and FF
are an **estimate**: the parts are calibrated against a synthesis tool (docs/resources.md), whole units are not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from inrarch.dataflow.cost import KINDS, Cost, excess, total
from inrarch.dataflow.logic import adder, clip, multiplexer, polynomial, product, rounding
from inrarch.dataflow.memories import buffer, rom
from inrarch.dataflow.several import nearest
from inrarch.dataflow.target import Target
from inrarch.dataflow.tiles import dsp_tiles, tile_grid

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
    "operation_cost",
    "rom",
    "table_cost",
    "tile_grid",
    "total",
    "with_control",
]

CONTROL = 1.1
"""Valid bits, enables, wires: 10 % on the LUT and FF of a data path (an assumption)."""

COUNTERS = Cost(lut=64, ff=64)
"""Loop counters and comparisons of a unit of products: about six of ten bits (an assumption)."""

PORT = Cost(lut=60, ff=100)
"""A source, a sink or a fork: two register slices of a 32-bit AXI stream and a counter (an assumption)."""


def table_cost(table: Table, target: Target) -> Cost:
    """One lane of a function table: range reduction, memory of coefficients, a polynomial of degree 2, rounding."""
    from inrarch.numeric.reductions import ExponentialTable, FoldedTable, NormalisedTable, PhaseTable

    core, bits = table.core, table.input.bits
    cost = polynomial(len(core.c0), core.offset_bits, core.coefficient_bits, target)
    if isinstance(table, PhaseTable | ExponentialTable):
        split = table.scale.split
        parts = [(bits - split, table.scale.high)] + ([(split + 1, table.scale.low)] if split else [])
        widths = [(wide, factor.bit_length() + 1) for wide, factor in parts]
        cost += total(product(*each, target) for each in widths) + adder(max(map(sum, widths)), target)
    # A multiplexer level per bit of a shift's distance; so for the place of the leading one.
    levels = 2 if isinstance(table, FoldedTable) else 3 if isinstance(table, NormalisedTable) else 0
    cost += multiplexer(2, bits, target).times(levels * bits.bit_length())
    # Into the window (or the quadrant, the positive half), then rounding; a sign.
    cost += clip(bits + 1, bits, target) + rounding(table.output.bits + 6, 4, table.output.bits, target)
    return with_control(cost)


def operation_cost(operator: str, bits: list[int], result_bits: int, target: Target) -> Cost:
    """One lane of a pointwise operator other than a table. bits: widths of its operands.

    A result is rounded to its format; how many bits a sum or a product is wider than that is taken as 4 for a sum, and
    as the excess of the factors' widths for a product.
    """
    if operator == "Mul":
        wide = bits[0] + bits[1]
        shift = max(wide - result_bits - 2, 0)
        return with_control(product(bits[0], bits[1], target, shift) + rounding(wide, shift, result_bits, target))
    if operator in ("Add", "Sub"):
        wide = max(bits) + 5
        return with_control(adder(wide, target) + rounding(wide, 4, result_bits, target))
    if operator == "Where":
        return with_control(multiplexer(2, result_bits, target))
    return with_control(rounding(max(bits) + 1, 1, result_bits, target))


def with_control(cost: Cost) -> Cost:
    """A data path with the logic that drives it."""
    return replace(cost, lut=nearest(CONTROL * cost.lut), ff=nearest(CONTROL * cost.ff))


def fifo_cost(bits: int) -> Cost:
    """A FIFO of two words, as mapping assumes it; `fifo` counts the memory of deeper ones."""
    return Cost(lut=bits + 5, ff=2 * bits + 5)
