"""The smallest row time within a budget, with the least resources that meet it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inrarch.dataflow.bounds import Bounds
from inrarch.dataflow.goals import share
from inrarch.dataflow.menu import Menu
from inrarch.dataflow.resources import KINDS, Cost

_SCANNED = 24
"""Row times next to the bound that are tried one by one; beyond them, the steps grow."""
_SAVED = 4
"""Designs at other stream lanes of which resources are saved."""
_ROUNDS = 12
"""Of raising the prices of resources that are lacking."""


@dataclass(frozen=True, slots=True)
class Design:
    """Stream lanes, and the choice of every unit (its index among the offers)."""

    widths: dict[int, int]
    chosen: tuple[int, ...]
    cost: Cost


def fastest(menu: Menu, bounds: Bounds, low: int, high: int, budget: Cost) -> tuple[Design, int] | None:
    """A design of the smallest row time from `low` to `high` that fits, and the lower bound of that row time.

    None where no row time fits, which the bound may or may not prove.
    """
    least = bounds.row_time(low, high, budget, ("dsp",))
    if least is None:
        return None
    before, found, cycles = least - 1, None, least
    for cycles in _row_times(menu, least, high):
        found = design_at(menu, cycles, budget)
        if found is not None:
            break
        before = cycles
    if found is None:
        return None
    if cycles > least:
        least = bounds.row_time(least, cycles, budget) or least
    # The last steps were long: the row times between them are halved.
    while cycles - before > 1:
        middle = (before + cycles) // 2
        trial = design_at(menu, middle, budget)
        if trial is None:
            before = middle
        else:
            found, cycles = trial, middle
    return found, least


def design_at(menu: Menu, cycles: int, budget: Cost) -> Design | None:
    """The design with the fewest DSP slices that takes at most `cycles` per row and fits; None where none is found.

    First the least choice of every unit, at the best stream lanes, one number of features after the other; where a
    resource is lacking then, units are asked to save it, at prices that rise until it suffices.
    """
    allowed = menu.widths(cycles)
    if allowed is None:
        return None
    widths = {features: lanes[0] for features, lanes in allowed.items()}
    trials = [trial for trial in [_least(menu, widths, cycles)] if trial is not None]
    for features, lanes in allowed.items():
        for wider in lanes[1:]:
            trial = _least(menu, widths | {features: wider}, cycles)
            if trial is not None:
                trials.append(trial)
        if trials:
            trials.sort(key=lambda each: _rank(each, budget))
            widths = dict(trials[0].widths)
    if not trials or share(trials[0].cost, budget) <= 1:
        return trials[0] if trials else None
    saving = (_saving(menu, trial, cycles, budget) for trial in trials[:_SAVED])
    return next((each for each in saving if each is not None), None)


def _least(menu: Menu, widths: dict[int, int], cycles: int) -> Design | None:
    chosen = menu.least(widths, cycles)
    return None if chosen is None else Design(widths, tuple(chosen), menu.cost(widths, chosen))


def _rank(design: Design, budget: Cost) -> tuple[float, int, int]:
    return max(1.0, share(design.cost, budget)), design.cost.dsp, design.cost.lut


def _saving(menu: Menu, start: Design, cycles: int, budget: Cost) -> Design | None:
    """A design at the same stream lanes and row time that fits; None where rising prices find none."""
    offers = [menu.offers(unit, start.widths) for unit in menu.units.units]
    prices = dict.fromkeys(KINDS, 1.0)
    design = start
    for _ in range(_ROUNDS):
        for kind in KINDS:
            prices[kind] *= max(0.5, design.cost.of(kind) / max(budget.of(kind), 1)) ** 2
        weights = {kind: prices[kind] / max(budget.of(kind), 1) for kind in KINDS}
        chosen = tuple(
            min(
                range(offer.least(cycles) or 0, len(offer.choices)),
                key=lambda index: sum(weight * offer.cost(index).of(kind) for kind, weight in weights.items()),
            )
            for offer in offers
        )
        design = Design(start.widths, chosen, menu.cost(start.widths, chosen))
        if share(design.cost, budget) <= 1:
            return design
    return None


def _row_times(menu: Menu, first: int, last: int) -> Iterator[int]:
    """Row times at which other choices come into play, one by one at first, then in steps of 2 %; `last` at the end."""
    cycles, count = first, 0
    while cycles < last:
        yield cycles
        count += 1
        following = next_row_time(menu, cycles, last)
        cycles = following if count < _SCANNED else max(following, cycles + cycles // 50)
    yield last


def next_row_time(menu: Menu, cycles: int, last: int) -> int:
    """The next larger row time at which a unit has another choice, or a stream other lanes; at most `last`."""
    steps = [last]
    for features, repeat in menu.repeats.items():
        steps += [repeat * (features // width) for width in menu.legal(features)]
    allowed = menu.widths(cycles)
    if allowed is not None:
        widths = {features: lanes[0] for features, lanes in allowed.items()}
        for unit in menu.units.units:
            offers = menu.offers(unit, widths)
            index = offers.least(cycles)
            slower = len(offers.cycles) - 1 if index is None else index - 1
            if slower >= 0:
                steps.append(offers.cycles[slower])
    return min(step for step in steps if step > cycles)
