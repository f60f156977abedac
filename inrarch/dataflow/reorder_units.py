"""Reorder units: which maps are made by one unit, and the unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inrarch.dataflow.grouping import connected
from inrarch.dataflow.kernels.reorder import Reorder
from inrarch.dataflow.row_shapes import RowShape
from inrarch.dataflow.units import Input
from inrarch.dataflow.view import Need, View


def reorder_groups(
    needs: Sequence[Need], unit_of: Mapping[str, str], weights: Mapping[str, Sequence[str]]
) -> list[list[Need]]:
    """Tensors that are made by maps, in groups of one unit each.

    Together are those of equal row shape that share a source, or are multiplied with equal weights, directly or through
    others; constants are one group. unit_of: the unit that makes a tensor. weights: digests of the weights that a
    tensor is multiplied with.
    """
    shapes: dict[tuple[RowShape, int], list[Need]] = {}
    for place, need in enumerate(needs):
        # A tensor that is arranged in two ways is a field of two units.
        again = sum(other.tensor == need.tensor and other.shape == need.shape for other in needs[:place])
        shapes.setdefault((need.shape, again), []).append(need)

    def reasons(need: Need) -> list[str]:
        return [*(list(_sources(need, unit_of)) or ["constants"]), *weights.get(need.tensor, ())]

    return [group for members in shapes.values() for group in connected(members, reasons)]


def reorder_unit(name: str, group: Sequence[Need], view: View, unit_of: Mapping[str, str]) -> Reorder:
    """The unit that makes a group of tensors."""
    reads: dict[str, dict[str, None]] = {}
    for need in group:
        for unit, tensors in _sources(need, unit_of).items():
            reads.setdefault(unit, {}).update(dict.fromkeys(tensors))
    shape = group[0].shape
    return Reorder(
        name=name,
        inputs=tuple(Input(unit, tuple(tensors)) for unit, tensors in reads.items()),
        given=tuple(view.shapes[next(iter(tensors))] for tensors in reads.values()),
        makes=tuple(need.tensor for need in group),
        maps=tuple(need.map for need in group if need.map is not None),
        features=shape.features,
        repeat=shape.repeat,
    )


def _sources(need: Need, unit_of: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The tensors that a map reads, by the units that make them."""
    found: dict[str, tuple[str, ...]] = {}
    for name in need.map.sources if need.map is not None else ():
        if name in unit_of:
            found[unit_of[name]] = (*found.get(unit_of[name], ()), name)
    return found
