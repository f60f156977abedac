"""What every unit of a network can choose, with what it takes: the search for a parallelism looks at nothing else.

Stream lanes are equal for equal numbers of features (then regions can read several streams) and divide them; lanes of a
unit and of its streams divide one another, which `Unit.options` sees to.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from functools import cache, cached_property
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from inrarch.config.model import Lanes
from inrarch.dataflow.costs import token_bits
from inrarch.dataflow.parallelism import Parallelism, divisors
from inrarch.dataflow.resources import KINDS, Cost, fifo_cost, total
from inrarch.dataflow.units import FAR, Facts, Span, Unit, Units

Widths = Mapping[int, int]
Integers = npt.NDArray[np.int64]
_NUMBERS = attrgetter(*KINDS)
CONSIDERED = 4
"""Stream lanes that are looked at: as many of the narrowest that keep up with the row time."""


class Delay(NamedTuple):
    """When the first token of row 0 leaves: the later of first_first after the first arrived and last_first after the
    last arrived; and so for the last token."""

    first_first: int
    last_first: int
    first_last: int
    last_last: int


class Offers:
    """The choices of one unit at some stream lanes, by rising cost, each faster than all before it.

    unit: it, or one that is like it. cycles: per row, of each. choices: what `Parallelism.choices` will hold; None for
    a unit without freedom. waiting: offers of such units whose numbers nobody has asked for: they are worked out with
    those of the first one.
    """

    def __init__(self, unit: Unit, facts: Facts, widths: Widths, pinned: Lanes | None, waiting: list[Offers]) -> None:
        self.unit, self._facts, self._widths = unit, facts, dict(widths)
        options: Sequence[tuple[int, Any]] = () if pinned is not None else unit.options(facts, widths)
        self.choices: list[Any] = [choice for _, choice in options] or [pinned]
        self.cycles: list[int] = [step for step, _ in options] or [unit.cycles_per_row(self.parallelism(0))]
        self._costs: list[Cost | None] = [None] * len(self.choices)
        self._falling = [-step for step in self.cycles]
        self._numbers: tuple[Integers, Integers] | None = None
        self._waiting = waiting
        waiting.append(self)

    def parallelism(self, index: int) -> Parallelism:
        """The choice, with the stream lanes and nothing else."""
        choice = self.choices[index]
        return Parallelism({} if choice is None else {self.unit.name: choice}, self._widths)

    def least(self, cycles: int) -> int | None:
        """The cheapest choice that takes at most `cycles` per row; None where there is none."""
        index = bisect_left(self._falling, -cycles)
        return index if index < len(self.cycles) else None

    def _at_once(self) -> tuple[Integers, Integers] | None:
        """Resources and delays of every choice; None where they are worked out one by one."""
        if self._waiting:
            asked = [(each, choice) for each in self._waiting for choice in each.choices]
            found = None
            if all(choice is not None for _, choice in asked):
                found = self.unit.menu(self._facts, [(each._widths, choice) for each, choice in asked])
            if found is not None:
                table, delays = (_columns(each, len(asked)) for each in (_NUMBERS(found.cost), found.delays))
                begin = 0
                for each in self._waiting:
                    rows = slice(begin, begin + len(each.choices))
                    each._numbers = table[rows], delays[rows]
                    begin = rows.stop
            self._waiting.clear()
        return self._numbers

    def cost(self, index: int) -> Cost:
        """Resources of a choice."""
        cost = self._costs[index]
        if cost is None:
            if self._at_once() is None:
                cost = self.unit.cost(self._facts, self.parallelism(index))
            else:
                cost = Cost(**dict(zip(KINDS, self.table[index].tolist(), strict=True)))
            self._costs[index] = cost
        return cost

    @cached_property
    def floors(self) -> Integers:
        """Of every choice and all faster ones, the least of each resource: [choices, kinds]."""
        return np.minimum.accumulate(self.table[::-1], axis=0)[::-1]

    @cached_property
    def table(self) -> Integers:
        """Of every choice, the number of each resource: [choices, kinds]."""
        found = self._at_once()
        if found is not None:
            return found[0]
        return np.array([_NUMBERS(self.cost(index)) for index in range(len(self.choices))], dtype=np.int64)

    @cached_property
    def delays(self) -> list[Delay]:
        """Of every choice."""
        return [Delay(*each) for each in self.delay_table.tolist()]

    @cached_property
    def delay_table(self) -> Integers:
        """Of every choice, its delays: [choices, 4]."""
        found = self._at_once()
        if found is not None:
            return found[1]
        chosen = (self.parallelism(index) for index in range(len(self.choices)))
        return np.array([delay_of(self.unit, self._facts, each) for each in chosen], dtype=np.int64)


def delay_of(unit: Unit, facts: Facts, chosen: Parallelism) -> Delay:
    """Of a unit, its choice and stream lanes."""
    inputs = len(unit.reads)
    early = unit.span(facts, chosen, [Span(0, FAR)] * inputs)
    if not inputs:
        return Delay(early.first, FAR, early.last, FAR)
    late = unit.span(facts, chosen, [Span(FAR, 0)] * inputs)
    return Delay(early.first, late.first, early.last, late.last)


def _columns(columns: Sequence[Any], rows: int) -> Integers:
    """Side by side, a number alone standing for as many as there are rows."""
    return np.stack([np.broadcast_to(np.asarray(each, dtype=np.int64), rows) for each in columns], axis=1)


class Menu:
    """The choices of all units of a network; those of equal units are worked out once.

    pinned: lanes by name of unit.
    """

    def __init__(self, units: Units, facts: Facts, pinned: Mapping[str, Lanes]) -> None:
        self.units, self.facts, self.pinned = units, facts, pinned
        self._offers: dict[tuple[int, ...], Offers] = {}
        self._waiting: defaultdict[int, list[Offers]] = defaultdict(list)
        numbers: dict[Hashable, int] = {}
        self.legal = cache(self._legal)
        self.widths = cache(self._widths)
        self._features: dict[str, tuple[int, ...]] = {}
        self._alike: dict[str, int] = {}
        for unit in units.units:
            links = (*units.incoming(unit.name), *units.outgoing(unit.name))
            self._features[unit.name] = tuple(sorted({link.features for link in links}))
            equal = (type(unit), self._features[unit.name], unit.alike(facts), pinned.get(unit.name))
            self._alike[unit.name] = numbers.setdefault(equal, len(numbers))
        self.repeats: dict[int, int] = {}
        for link in units.links:
            self.repeats[link.features] = max(link.repeat, self.repeats.get(link.features, 0))

    def features(self, unit: Unit) -> tuple[int, ...]:
        """Features of the streams of a unit."""
        return self._features[unit.name]

    def alike(self, unit: Unit) -> int:
        """A number that is equal for units with equal choices."""
        return self._alike[unit.name]

    def _legal(self, features: int) -> list[int]:
        """Stream lanes that fit the pinned lanes of all units on such streams, rising."""
        return [width for width in divisors(features) if self._fits(features, width)]

    def _fits(self, features: int, width: int) -> bool:
        for name, lanes in self.pinned.items():
            links = (*self.units.incoming(name), *self.units.outgoing(name))
            for link, own in zip(links, (lanes.inputs, lanes.outputs), strict=False):
                if link.features == features and own % width and width % own:
                    return False
        return True

    def _widths(self, cycles: int) -> Mapping[int, list[int]] | None:
        """By number of features, the narrowest stream lanes that keep up with a row time; None where none do."""
        found: dict[int, list[int]] = {}
        for features, repeat in sorted(self.repeats.items()):
            found[features] = [w for w in self.legal(features) if repeat * (features // w) <= cycles]
            found[features] = found[features][:CONSIDERED]
            if not found[features]:
                return None
        return found

    def offers(self, unit: Unit, widths: Widths) -> Offers:
        """The choices of a unit at these stream lanes."""
        alike = self._alike[unit.name]
        key = (alike, *[widths[each] for each in self._features[unit.name]])
        if key not in self._offers:
            pinned = self.pinned.get(unit.name)
            self._offers[key] = Offers(unit, self.facts, widths, pinned, self._waiting[alike])
        return self._offers[key]

    def parallelism(self, widths: Widths, chosen: Sequence[int]) -> Parallelism:
        """The parallelism of a choice (its index among the offers) per unit, in their order."""
        choices = {}
        for unit, index in zip(self.units.units, chosen, strict=True):
            choice = self.offers(unit, widths).choices[index]
            if choice is not None:
                choices[unit.name] = choice
        return Parallelism(choices, dict(widths))

    def streams(self, widths: Widths) -> Cost:
        """Resources of all streams, as FIFOs of two words."""
        chosen = Parallelism({}, widths)
        return total(fifo_cost(token_bits(link, self.facts, chosen)) for link in self.units.links)

    def least(self, widths: Widths, cycles: int) -> list[int] | None:
        """The cheapest choice of every unit that takes at most `cycles` per row; None where one has none."""
        chosen = []
        for unit in self.units.units:
            index = self.offers(unit, widths).least(cycles)
            if index is None:
                return None
            chosen.append(index)
        return chosen

    def cost(self, widths: Widths, chosen: Sequence[int]) -> Cost:
        """Resources of the whole network."""
        pairs = zip(self.units.units, chosen, strict=True)
        return total(self.offers(unit, widths).cost(index) for unit, index in pairs) + self.streams(widths)
