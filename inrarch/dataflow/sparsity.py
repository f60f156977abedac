"""Which matmul units leave the zeros of their weights out."""

from __future__ import annotations

from collections.abc import Mapping

from inrarch.config.model import Lanes
from inrarch.dataflow.kernels.matmul import Matmul
from inrarch.dataflow.kernels.sparse_matmul import SparseMatmul
from inrarch.dataflow.kernels.sparse_shape import Pattern
from inrarch.dataflow.units import Facts, Unit, Units
from inrarch.numeric.formats import to_integers
from inrarch.numeric.view import constant_array

WORTH = 0.75
"""Most cycles of one sparse lane, as a share of those of a dense one, with which `auto` considers a sparse unit. Below,
fewer multipliers may pay for the program, the buffer of every product and the multiplexers."""


def sparse_choices(units: Units, facts: Facts, mode: str, pinned: Mapping[str, Lanes]) -> list[Units]:
    """The networks to choose from: all matmul units dense, or those that `mode` says sparse.

    mode: `never`, `always` (all of them), or `auto`: those whose weights have enough zeros, and as an alternative none.
    Zeros are those of the quantised weights: the results of both are equal to the last bit. pinned: lanes by unit; a
    unit with pinned lanes over coefficients stays dense, as a sparse one has none.
    """
    kept = {name for name, lanes in pinned.items() if lanes.coefficients is not None}

    def sparse(most: float) -> tuple[Unit, ...]:
        return tuple(unit if unit.name in kept else _sparse(unit, facts, most) for unit in units.units)

    if mode == "never":
        return [units]
    if mode == "always":
        return [Units(sparse(1.0), units.links)]
    changed = sparse(WORTH)
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
