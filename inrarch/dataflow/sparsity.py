"""Which matmul units leave the zeros of their weights out."""

from __future__ import annotations

from inrarch.dataflow.kernels.matmul import Matmul
from inrarch.dataflow.kernels.sparse_matmul import SparseMatmul
from inrarch.dataflow.kernels.sparse_shape import Pattern
from inrarch.dataflow.units import Facts, Unit, Units
from inrarch.numeric.formats import to_integers
from inrarch.numeric.view import constant_array

WORTH = 0.75
"""Most cycles of one sparse lane, as a share of those of a dense one, with which `auto` considers a sparse unit. Below,
fewer multipliers may pay for the program, the buffer of every product and the multiplexers."""


def sparse_choices(units: Units, facts: Facts, mode: str) -> list[Units]:
    """The networks to choose from: all matmul units dense, or those that `mode` says sparse.

    mode: `never`, `always` (all of them), or `auto`: those whose weights have enough zeros, and as an alternative none.
    Zeros are those of the quantised weights: the results of both are equal to the last bit.
    """
    if mode == "never":
        return [units]
    if mode == "always":
        return [Units(tuple(_sparse(unit, facts, 1.0) for unit in units.units), units.links)]
    changed = tuple(_sparse(unit, facts, WORTH) for unit in units.units)
    return [units] if changed == units.units else [Units(changed, units.links), units]


def _sparse(unit: Unit, facts: Facts, most: float) -> Unit:
    """The sparse unit in place of a dense one, where one lane takes at most `most` of its cycles; else the unit."""
    if not isinstance(unit, Matmul):
        return unit
    array = constant_array(facts.initializers[unit.weight])
    assert array is not None
    pattern = Pattern.of(to_integers(array, facts.formats.of(unit.weight)))
    if int(pattern.blocks(1).sum()) > most * unit.K * unit.M:
        return unit
    return SparseMatmul(name=unit.name, features=unit.features, repeat=unit.repeat, dense=unit, pattern=pattern)
