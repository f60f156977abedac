"""Cycles of the operators of pointwise regions: how many stages their modules in kernel_lib/pointwise have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from inrarch.numeric.view import STRUCTURAL, TRUTHS

if TYPE_CHECKING:
    from inrarch.numeric.reductions import Table

OPERATORS: Mapping[str, int] = {
    "Neg": 1,
    "Abs": 1,
    "Cast": 1,
    "Relu": 1,
    "Floor": 1,
    "Where": 1,
    "Round": 2,
    "Add": 2,
    "Sub": 2,
    "Mul": 5,
    **dict.fromkeys(STRUCTURAL, 1),
    **dict.fromkeys(TRUTHS, 1),
}
"""For a 300 MHz pipeline on UltraScale+ (AMD UG579: 3 stages per DSP slice, 4 with a second tile). Align and add, then
round and saturate: 2. Factors rounded 1, product 3, result rounded and saturated 1: 5."""

CORE = 10
"""Of a polynomial: memory 2, two products with additions 8."""
REGIONS = 3
"""More where its regions differ: looked up, shifted, and the address added."""

AROUND = {
    "PhaseTable": 8,
    "WindowTable": 3,
    "ExponentialTable": 8,
    "FoldedTable": 7,
    "NormalisedTable": 9,
}
"""Around the core. Phase: product 5, quadrant 1, sign 1, saturation 1. Window: clipping 1, linear part 1, saturation 1.
Exponential: clipping 1, product 4, shift 2, saturation 1. Folded: sign 1, distance 1, leading one 2, shift 1, sign 1,
saturation 1. Normalised: sign 1, leading one 2, shift 1, constant 1, shift 2, sign 1, saturation 1."""


def operator_latency(operator: str, table: Table | None) -> int:
    """Cycles from the operands of a node to its result. table: of a function."""
    if table is None:
        return OPERATORS[operator]
    return AROUND[type(table).__name__] + core_latency(table)


def core_latency(table: Table) -> int:
    """Cycles of a function table's polynomial."""
    return CORE + (REGIONS if len(table.core.shifts) > 1 else 0)
