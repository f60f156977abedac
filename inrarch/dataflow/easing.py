"""The last step of the choice of a parallelism: units that are faster than their tokens come take the time there is.

A region then begins a token every few cycles rather than every cycle (`Unit.eased`), and holds fewer tokens back until
others follow them. That shortens the way of a row, and the FIFOs of streams beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from inrarch.dataflow.offers import delay_of
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.units import Facts, Unit, Units

PARTS = 8
"""Units are eased at least an eighth of them at once, so that a large network does not take long."""
Rank = Callable[[Parallelism], tuple[float, ...]]


def eased(units: Units, facts: Facts, parallelism: Parallelism, rank: Rank) -> Parallelism:
    """The parallelism with as many units eased as do not make it worse.

    rank: the smaller, the better.
    """
    wanted = _wanted(units, facts, parallelism)
    reached, size = rank(parallelism), len(wanted)
    waiting = [wanted]
    while waiting:  # all together, then what does not help in halves
        some = waiting.pop()
        trial = replace(parallelism, choices={**parallelism.choices, **dict(some)})
        value = rank(trial)
        if value <= reached:
            parallelism, reached = trial, value
        elif len(some) > max(1, size // PARTS):
            waiting += [some[len(some) // 2 :], some[: len(some) // 2]]
    return parallelism


def all_eased(units: Units, facts: Facts, parallelism: Parallelism) -> Parallelism:
    """The parallelism with every unit eased."""
    return replace(parallelism, choices={**parallelism.choices, **dict(_wanted(units, facts, parallelism))})


def _wanted(units: Units, facts: Facts, parallelism: Parallelism) -> list[tuple[str, Any]]:
    """The units that can be eased, and their choices."""
    found = {unit.name: unit.eased(facts, parallelism, pace) for unit, pace in _paces(units, facts, parallelism)}
    return [(name, choice) for name, choice in found.items() if choice is not None]


def _paces(units: Units, facts: Facts, parallelism: Parallelism) -> Iterator[tuple[Unit, int]]:
    """With each unit, the cycles in which the tokens of a row come to it, or in which it takes them."""
    paces: dict[str, int] = {}
    for unit in units.units:
        pace = max([unit.cycles_per_row(parallelism), *(paces[link.writer] for link in units.incoming(unit.name))])
        yield unit, pace
        if not unit.passes_on and unit.fields:
            delay = delay_of(unit, facts, parallelism)
            tokens = unit.row_tokens(parallelism)
            pace = (delay.first_last - delay.first_first) * tokens // max(tokens - 1, 1)
        paces[unit.name] = pace
