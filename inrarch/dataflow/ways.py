"""Ways of tokens through a network, from a source to a sink: which of them the search's bound looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from inrarch.dataflow.relaxed_units import HELD, Step
from inrarch.dataflow.units import Units


def steps_of(units: Units, way: Sequence[tuple[int, int]], rows: int) -> list[Step]:
    """The units of a way, cut where rows that are held back would be more than there are, and before joins.

    way: positions of units, and which of their delays counts.
    """
    held = 0
    found: list[Step] = []
    links: list[int | None] = []
    for (before, _), (behind, _) in pairwise(way):
        names = units.units[before].name, units.units[behind].name
        links.append(next(link for link in units.incoming(names[1]) if link.writer == names[0]).features)
    for (index, delay), one, other in zip(way, [None, *links], [*links, None], strict=True):
        unit = units.units[index]
        held += HELD
        joins, cut = len(units.incoming(unit.name)) > 1, held > rows - 1
        found.append(Step(unit, delay, one, other, joins, cut))
        held = HELD if joins or cut else held
    return found


def tokens(steps: Sequence[Step], which: int) -> list[Step]:
    """The way of the first tokens of a row (0), or of the last (1)."""
    found = [replace(step, delay=3 * which if step.before else 2 * which) for step in steps]
    return [*found[:-1], replace(found[-1], delay=2 + which)]


def common(units: Units, steps: Sequence[Step]) -> list[Step] | None:
    """The way with the delays of units alone that all ways from sources to sinks take; None where that is all of it.

    Whatever unit is the slowest, a way goes through it, where its rows are waited for, and through these units.
    """
    before: dict[str, int] = {}
    behind: dict[str, int] = {}
    for unit in units.units:
        before[unit.name] = sum(before[link.writer] for link in units.incoming(unit.name)) or 1
    for unit in reversed(units.units):
        behind[unit.name] = sum(behind[link.reader] for link in units.outgoing(unit.name)) or 1
    every = sum(before[unit.name] for unit in units.units if not unit.fields)
    taken = [before[step.unit.name] * behind[step.unit.name] == every for step in steps]
    if all(taken) and len(steps) == len(units.units):
        return None
    pairs = zip(tokens(steps, 1), taken, strict=True)
    return [replace(step, delay=step.delay if each else None, joins=True) for step, each in pairs]
