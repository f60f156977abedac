"""The least weighted sum over all designs of a range of row times, exact along one way through the network.

The units of the way share the lanes of the streams between them, and their speeds are tied: a unit that is faster than
one before it and one behind it holds rows back until more of them come (`inrarch.dataflow.predict`), so it delays them
as if it were as slow as the faster of these two. Each unit has a level, its own cycles per row or more; levels first
rise along the way, then fall:

    level = min(most cycles per row of any unit up to here, most of any from here on)

The least sum over lanes and levels is found by dynamic programming from unit to unit (R. Bellman, 1957). All other
units choose for themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from inrarch.dataflow.menu import Menu
from inrarch.dataflow.offers import Offers
from inrarch.dataflow.predict import FIFO
from inrarch.dataflow.relaxed_units import Reals, Step, Table, Weights, table_of
from inrarch.dataflow.resources import KINDS
from inrarch.dataflow.units import Unit

LAST_LAST = 3
"""The delay from the last token to the last; before it, that from the first one to the last."""
_RATIO, _LEVELS = 1.04, 40
"""Of neighbouring levels, and how many at most; below them, units are not tied."""


class Relaxation:
    """The units of a network at the stream lanes allowed, each with the choices that take at most `cycles` per row.

    Raises `ImpossibleError` where a unit has none.
    """

    def __init__(
        self,
        menu: Menu,
        steps: Sequence[Step],
        allowed: Mapping[int, Sequence[int]],
        cycles: int,
        prices: Callable[[Offers], Reals],
    ) -> None:
        self.menu, self.steps, self.allowed, self.cycles, self.prices = menu, steps, allowed, cycles, prices
        ladder = np.ceil(cycles / _RATIO ** np.arange(_LEVELS))
        self.levels = np.unique(ladder[ladder >= 1].astype(np.int64))
        self.lows = np.concatenate(([0], self.levels[:-1] + 1)).astype(float)
        own = {step.unit.name for step in steps}
        self.others: dict[object, tuple[Table, int]] = {}
        for unit in menu.units.units:
            if unit.name not in own:
                kind = menu.alike(unit)
                if kind not in self.others:
                    self.others[kind] = self._table(unit, (None, None), None), 0
                self.others[kind] = self.others[kind][0], self.others[kind][1] + 1
        known: dict[object, Table] = {}
        self.tables: list[Table] = []
        for step in steps:
            key = (menu.alike(step.unit), step.delay, step.before, step.behind)
            if key not in known:
                known[key] = self._table(step.unit, (step.before, step.behind), step.delay)
            self.tables.append(known[key])
        self._distinct = list(known.values())
        self._last: tuple[Weights, dict[int, Reals]] | None = None

    def _table(self, unit: Unit, ends: tuple[int | None, int | None], delay: int | None) -> Table:
        return table_of(self.menu, unit, ends, delay, self.allowed, self.levels, self.prices)

    @property
    def hops(self) -> int:
        """Cycles in the FIFOs between the units that have a delay."""
        return FIFO * (sum(step.delay is not None for step in self.steps) - 1)

    @property
    def shortest(self) -> float:
        """The least delay of any choice of any unit of the way."""
        return min(float(table.delay.min()) for table in self.tables)

    def alone(self, numbers: Reals) -> Reals:
        """The least sums of resources, with these weights [ways, kinds], if every unit chooses for itself [ways]."""
        sums = np.zeros(len(numbers))
        counted = Counter(id(table) for table in self.tables)
        parts = [(table, counted[id(table)]) for table in self._distinct]
        for table, count in [*parts, *self.others.values()]:
            sums += count * (table.numbers[:, : len(KINDS)] @ numbers.T).min(axis=0)
        return sums

    def least(self, weights: Weights) -> Reals:
        """No design has smaller sums than these [ways]."""
        rising, falling = self._run(weights)[-1]
        return self._others(weights) + _least(rising, falling)

    def _others(self, weights: Weights) -> Reals:
        sums = np.zeros(len(weights.cycle))
        for table, count in self.others.values():
            sums += count * (table.numbers @ weights.numbers.T).min(axis=0)
        return sums

    def _run(self, weights: Weights, lanes: Mapping[int, int] | None = None) -> list[tuple[Reals, Reals]]:
        """Behind each unit, the least sums so far where levels rise, and where they fall: [lanes, levels, ways].

        lanes: of some streams, where they are given and the sum is not for a bound.
        """
        rising = np.zeros((1, len(self.levels), len(weights.cycle)))
        falling = np.full_like(rising, np.inf)
        found = []
        sums = self._all_sums(weights)
        for step, table in zip(self.steps, self.tables, strict=True):
            own = sums[id(table)]
            if step.joins or (step.cut and lanes is None):
                rising = np.broadcast_to(np.minimum(rising, falling).min(axis=1, keepdims=True), rising.shape)
                falling = np.full_like(rising, np.inf)
            low = np.minimum.accumulate(rising, axis=1)
            high = np.minimum.accumulate(np.minimum(rising, falling)[:, ::-1], axis=1)[:, ::-1]
            rising, falling = (own + low[:, None]).min(axis=0), (own + high[:, None]).min(axis=0)
            if lanes and step.behind is not None and step.behind in lanes:
                other = np.array(self.allowed[step.behind]) != lanes[step.behind]
                rising[other] = falling[other] = np.inf
            found.append((rising, falling))
        return found

    def _all_sums(self, weights: Weights) -> dict[int, Reals]:
        """`_sums` by table; those of the last weights are kept."""
        if self._last is None or self._last[0] is not weights:
            self._last = weights, {id(table): self._sums(table, weights) for table in self._distinct}
        return self._last[1]

    def _sums(self, table: Table, weights: Weights) -> Reals:
        """The least sums of a unit: [lanes before, lanes behind, levels, ways]."""
        base = table.numbers @ weights.numbers.T
        delays = weights.cycle * table.delay[:, None]
        plain = self._binned(table, base + delays)
        sums = plain
        for held in np.unique(table.held):
            tied = base + weights.cycle * (table.delay - held * table.cycles)[:, None]
            tied = self._binned(table, np.where((table.held == held)[:, None], tied, np.inf))
            lower = np.minimum.accumulate(tied[:, :, :-1], axis=2) + held * self.lows[1:, None] * weights.cycle
            sums[:, :, 1:] = np.minimum(sums[:, :, 1:], lower)
        return sums

    def _binned(self, table: Table, values: Reals) -> Reals:
        found = np.full((int(np.prod(table.shape)), values.shape[1]), np.inf)
        found[table.bins] = np.minimum.reduceat(values, table.starts, axis=0)
        return found.reshape(*table.shape, -1)

    def lanes(self, weights: Weights) -> dict[int, int]:
        """Stream lanes of about the least sum (of one way to weigh): where streams of as many features have not the
        same ones, the best for all of them, one number of features after the other."""
        lanes: dict[int, int] = {}
        while True:
            wanted: dict[int, set[int]] = {features: {allowed[0]} for features, allowed in self.allowed.items()}
            used: dict[int, set[int]] = {}
            for step, (before, behind, _) in zip(self.steps, self._states(weights, lanes), strict=True):
                for features, place in ((step.before, before), (step.behind, behind)):
                    if features is not None:
                        used.setdefault(features, set()).add(self.allowed[features][place])
            wanted |= used
            features = max(wanted, key=lambda each: len(wanted[each]))
            if len(wanted[features]) == 1:
                return {each: min(some) for each, some in wanted.items()}
            trials = [lanes | {features: width} for width in sorted(wanted[features])]
            lanes = min(trials, key=lambda trial: float(np.minimum(*self._run(weights, trial)[-1]).min()))

    def design(self, weights: Weights, lanes: Mapping[int, int]) -> tuple[tuple[int, ...], float]:
        """The choice of every unit of the least sum (of one way to weigh), at these stream lanes, and the delay of the
        way; units that are not on it choose as if they were."""
        picks, delay = {}, 0.0
        for step, table, state in zip(self.steps, self.tables, self._states(weights, lanes), strict=True):
            picks[step.unit.name], late = self._pick(table, weights, state)
            delay += late
        others: dict[int, int] = {}
        for unit in self.menu.units.units:
            if unit.name not in picks:
                key = self.menu.alike(unit)
                if key not in others:
                    others[key] = self._alone(unit, weights, lanes)
                picks[unit.name] = others[key]
        return tuple(picks[unit.name] for unit in self.menu.units.units), delay

    def _alone(self, unit: Unit, weights: Weights, lanes: Mapping[int, int]) -> int:
        offers = self.menu.offers(unit, lanes)
        least = offers.least(self.cycles)
        assert least is not None  # the lanes are those that keep up
        numbers = np.concatenate((offers.table, self.prices(offers)), axis=1)[least:]
        late = offers.delay_table[least:, LAST_LAST if unit.reads else LAST_LAST - 1]
        return least + int((numbers @ weights.numbers[0] + weights.cycle[0] * late).argmin())

    def _states(self, weights: Weights, lanes: Mapping[int, int]) -> list[tuple[int, int, int]]:
        """Of the least sum, for each unit of the way: places of its lanes before and behind, and its level."""
        runs = [(np.zeros((1, len(self.levels))), np.full((1, len(self.levels)), np.inf))]
        runs += [(rising[:, :, 0], falling[:, :, 0]) for rising, falling in self._run(weights, lanes)]
        behind, level = _place(np.minimum(*runs[-1]))
        falls = bool(runs[-1][1][behind, level] < runs[-1][0][behind, level])
        own = self._all_sums(weights)
        states = []
        for step, table, (rising, falling) in zip(
            reversed(self.steps), reversed(self.tables), reversed(runs[:-1]), strict=True
        ):
            sums = np.minimum(rising, falling) if step.joins or falls else rising
            sums = sums + own[id(table)][:, behind, level]
            if not step.joins:
                sums[:, slice(0, level) if falls else slice(level + 1, None)] = np.inf
            before, earlier = _place(sums)
            states.append((before, behind, level))
            falls = (falls or step.joins) and bool(falling[before, earlier] < rising[before, earlier])
            behind, level = before, earlier
        return states[::-1]

    def _pick(self, table: Table, weights: Weights, state: tuple[int, int, int]) -> tuple[int, float]:
        """The best choice at these lanes, up to a level, and its delay there."""
        before, behind, level = state
        first = (before * table.shape[1] + behind) * table.shape[2]
        begin, end = np.searchsorted(table.bins, (first, first + level + 1))
        rows = slice(table.starts[begin], table.starts[end] if end < len(table.starts) else None)
        late = table.delay[rows] + table.held[rows] * np.maximum(self.lows[level] - table.cycles[rows], 0)
        sums = table.numbers[rows] @ weights.numbers[0] + weights.cycle[0] * late
        best = int(sums.argmin())
        return int(table.index[rows][best]), float(late[best])


@dataclass(frozen=True, slots=True)
class Examined:
    """A range of row times. rows: cycles of an invocation, besides the delay of the way. value: the bound,
    at a rate; weights: at any rates."""

    begin: int
    end: int
    rows: int
    value: float
    relaxed: Relaxation
    weights: Callable[[Reals], Weights]
    rate: float


def _least(rising: Reals, falling: Reals) -> Reals:
    """Over all lanes and levels."""
    least: Reals = np.minimum(rising, falling).min(axis=(0, 1))
    return least


def _place(values: Reals) -> tuple[int, int]:
    """Where the least of [lanes, levels] is."""
    place, level = np.unravel_index(int(values.argmin()), values.shape)
    return int(place), int(level)
