"""The choices of one unit at some stream lanes, with what they take: resources and delays."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from inrarch.config.model import Lanes
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.resources import KINDS, Cost
from inrarch.dataflow.units import FAR, Facts, Unit

Widths = Mapping[int, int]
Integers = npt.NDArray[np.int64]
_NUMBERS = attrgetter(*KINDS)


class Delay(NamedTuple):
    """When the first token of row 0 leaves: the later of first_first after the first arrived and last_first after the
    last arrived; and so for the last token."""

    first_first: int
    last_first: int
    first_last: int
    last_last: int


class Offers:
    """The choices of one unit at some stream lanes, by falling cycles per row.

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
        if unit.repeat == 0 and not unit.over_batch and len(self.choices) > 1:
            self._keep(_worth(np.concatenate((self.table, self.delay_table), axis=1)))

    def parallelism(self, index: int) -> Parallelism:
        """The choice, with the stream lanes and nothing else."""
        choice = self.choices[index]
        return Parallelism({} if choice is None else {self.unit.name: choice}, self._widths)

    def least(self, cycles: int) -> int | None:
        """The first choice that takes at most `cycles` per row: so do all behind it. None where there is none."""
        index = bisect_left(self._falling, -cycles)
        return index if index < len(self.cycles) else None

    def cheapest(self, cycles: int) -> int | None:
        """Of the choices that take at most `cycles` per row, the first with the fewest multipliers; None for none."""
        least = self.least(cycles)
        return None if least is None else self._fewest[least]

    @cached_property
    def _fewest(self) -> list[int]:
        """From every choice on, the first with the fewest multipliers."""
        counts = [self.unit.multipliers(self.parallelism(index)) for index in range(len(self.choices))]
        found = list(range(len(counts)))
        for index in reversed(range(len(counts) - 1)):
            if counts[found[index + 1]] < counts[index]:
                found[index] = found[index + 1]
        return found

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

    def _keep(self, places: list[int]) -> None:
        """Only these choices: in a row without cycles, others are not faster than cheaper ones."""
        self._numbers = self.table[places], self.delay_table[places]
        self.__dict__.pop("table")
        self.__dict__.pop("delay_table")
        self.choices = [self.choices[place] for place in places]
        self.cycles = [self.cycles[place] for place in places]
        self._costs = [self._costs[place] for place in places]
        self._falling = [self._falling[place] for place in places]

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
    timing = unit.timing(facts, chosen)
    first, last = int(timing.writes[0]), int(timing.writes[-1])
    if not timing.reads:
        return Delay(first, FAR, last, FAR)
    read = max(int(each[-1]) for each in timing.reads)
    return Delay(first, first - read if read <= first else FAR, last, last - read if read <= last else FAR)


def _worth(numbers: Integers) -> list[int]:
    """Of rows of numbers, those of which no earlier one is nowhere larger."""
    kept: list[int] = []
    for place, row in enumerate(numbers):
        if not kept or not (numbers[kept] <= row).all(axis=1).any():
            kept.append(place)
    return kept


def _columns(columns: Sequence[Any], rows: int) -> Integers:
    """Side by side, a number alone standing for as many as there are rows."""
    return np.stack([np.broadcast_to(np.asarray(each, dtype=np.int64), rows) for each in columns], axis=1)
