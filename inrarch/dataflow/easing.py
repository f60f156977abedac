"""The last step of the choice of a parallelism: units that are faster than the row time needs wait for their inputs less.

A unit that has time left over takes it (`Unit.eased`): a region begins a token every few cycles rather than every cycle, and
so holds fewer tokens back until others follow them. That shortens the way of a row and the FIFOs beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.units import Facts, Units

Rank = Callable[[Parallelism], tuple[float, ...]]


def eased(units: Units, facts: Facts, parallelism: Parallelism, rank: Rank) -> Parallelism:
    """The parallelism with as many units eased as do not make it worse.

    rank: the smaller, the better.
    """
    cycles = max(unit.cycles_per_row(parallelism) for unit in units.units)
    found = {unit.name: unit.eased(facts, parallelism, cycles) for unit in units.units}
    wanted = {name: choice for name, choice in found.items() if choice is not None}
    reached = rank(parallelism)

    def tried(chosen: Parallelism, more: dict[str, Any]) -> tuple[Parallelism, tuple[float, ...]]:
        trial = replace(chosen, choices={**chosen.choices, **more})
        return trial, rank(trial)

    everything, value = tried(parallelism, wanted)
    if value <= reached:
        return everything
    for name, choice in wanted.items():
        trial, value = tried(parallelism, {name: choice})
        if value <= reached:
            parallelism, reached = trial, value
    return parallelism
