"""Lower bounds of what a goal can reach: how near a design is to the best that the units' choices allow.

Designs are told apart by their row time T, in ranges with equal stream lanes to choose from. In a range, an invocation
takes at least (rows - 1) times its begin, and the first row as long as its tokens need on one way through the network.
That the resources are limited, or the time, or that the scarcest resource counts, is priced in at the rates that make
the bound the largest (Lagrangian relaxation). The least value over all ranges is the bound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
import numpy.typing as npt

from inrarch.dataflow.bounds import Bounds
from inrarch.dataflow.goals import Area, Energy, Goal
from inrarch.dataflow.landscape import SEEN
from inrarch.dataflow.menu import Offers
from inrarch.dataflow.predict import FIFO
from inrarch.dataflow.resources import KINDS, Cost
from inrarch.dataflow.units import Unit

Reals = npt.NDArray[np.float64]
_PIECES = 20
"""Ranges are cut to this many pieces, in even ratios."""
_RATES = 40
_STEPS = 6
_DSP = KINDS.index("dsp")


class Certificate:
    """path: units of one way from a source to a sink, with the delay of each (`Landscape.critical_path`).

    low, high: row times of designs that are looked at.
    """

    def __init__(self, bounds: Bounds, goal: Goal, path: Mapping[str, int], low: int, high: int) -> None:
        self.bounds, self.goal, self.low, self.high = bounds, goal, low, high
        self.rows = bounds.menu.facts.rows
        self.units = [(unit, path.get(unit.name)) for unit in bounds.menu.units.units]
        self.hops = FIFO * (len(path) - 1)
        self._columns: dict[object, _Column] = {}
        self._known: dict[Offers, Reals] = {}

    def bound(self) -> float:
        """No design has a smaller value than this."""
        limits = self.goal.limits
        low = self.bounds.row_time(self.low, self.high, limits.budget, ("dsp",)) or self.low
        high = self.high if limits.row_cycles is None else min(self.high, limits.row_cycles)
        values = [self._in_range(begin, end) for begin, end in self._pieces(low, high)]
        return min((value for value in values if value is not None), default=0.0)

    def _pieces(self, low: int, high: int) -> list[tuple[int, int]]:
        cuts = {int(cut) for cut in np.geomspace(low, max(low, high), _PIECES)}
        found: list[tuple[int, int]] = []
        for begin, end in self.bounds.ranges(low, high):
            starts = sorted({begin, *(cut for cut in cuts if begin < cut <= end)})
            found += zip(starts, [start - 1 for start in starts[1:]] + [end], strict=True)
        return found

    def _in_range(self, begin: int, end: int) -> float | None:
        """The bound for designs whose row time is from `begin` to `end`; None where there are none."""
        limits, rows = self.goal.limits, (self.rows - 1) * begin
        columns = [self._column(unit, delay, end) for unit, delay in self.units]
        if any(not len(column.delays) for column in columns):
            return None
        if any(column.delays.min() < SEEN for column in columns):  # the way of the last tokens is always there
            last = [None if delay is None else 3 if unit.reads else 2 for unit, delay in self.units]
            columns = [self._column(unit, delay, end) for (unit, _), delay in zip(self.units, last, strict=True)]
        streams = self.bounds.streams(end)
        dsp = [(column.delays, column.costs[:, _DSP]) for column in columns]
        first = self.hops + _traded(dsp, limits.budget.dsp - streams.dsp)
        cycles = rows + first
        if limits.cycles is not None and cycles > limits.cycles:
            return None
        if isinstance(self.goal, Area):
            least = self._largest_share(columns, streams)
            if limits.cycles is not None and limits.whole.dsp:
                need = _traded([(cost, delay) for delay, cost in dsp], limits.cycles - rows - self.hops)
                least = max(least, need / limits.whole.dsp)
            return least
        if isinstance(self.goal, Energy):
            static = self.goal.fixed[1]
            joules = [column.prices[:, 0] + column.prices[:, 1] * cycles + static * column.delays for column in columns]
            pairs = [(each, cost) for each, (_, cost) in zip(joules, dsp, strict=True)]
            least = _traded(pairs, limits.budget.dsp - streams.dsp)
            return least + self.goal.fixed[0] + static * (rows + self.hops)
        return cycles

    def _column(self, unit: Unit, delay: int | None, cycles: int) -> _Column:
        """Of each choice of a unit, whatever the stream lanes. delay: which one counts; None: none."""
        key = (self.bounds.menu.alike(unit), delay, cycles)
        if key not in self._columns:
            found = self.bounds.relaxed(unit, cycles)
            delays = [
                [0 if delay is None else each[delay] for each in offers.delays[least:]] for offers, least in found
            ]
            costs = [offers.table[least:].astype(float) for offers, least in found]
            prices = [self._prices(offers)[least:] for offers, least in found]
            self._columns[key] = _Column(
                np.array([each for some in delays for each in some], dtype=float),
                np.concatenate(costs or [np.zeros((0, len(KINDS)))]),
                np.concatenate(prices or [np.zeros((0, 2))]),
            )
        return self._columns[key]

    def _prices(self, offers: Offers) -> Reals:
        if offers not in self._known:
            self._known[offers] = self.goal.prices(offers)
        return self._known[offers]

    def _largest_share(self, columns: Sequence[_Column], streams: Cost) -> float:
        """The least share of the board's scarcest resource: no less than any weighted mean of the shares."""
        whole = np.array([max(self.goal.limits.whole.of(kind), 1) for kind in KINDS], dtype=float)
        weights = _mixtures(len(KINDS)) / whole
        sums = weights @ np.array([streams.of(kind) for kind in KINDS], dtype=float)
        for column in columns:
            sums += (column.costs @ weights.T).min(axis=0)
        return float(sums.max())


@dataclass(frozen=True, slots=True)
class _Column:
    """The choices of one unit: delays, resources [choices, kinds], prices [choices, 2]."""

    delays: Reals
    costs: Reals
    prices: Reals


def _traded(pairs: Sequence[tuple[Reals, Reals]], limit: float) -> float:
    """The least sum of the first numbers of all choices at which the second ones sum to at most `limit`."""
    ratio = sum(float(np.ptp(each)) for each, _ in pairs) / (sum(float(np.ptp(each)) for _, each in pairs) or 1.0)
    rates = np.concatenate(([0.0], np.geomspace(1e-4, 1e4, _RATES) * ratio))
    sums = np.zeros_like(rates)
    for mine, other in pairs:
        sums += (mine[None, :] + rates[:, None] * other[None, :]).min(axis=1)
    return float(max((sums - rates * limit).max(), 0.0))


@cache
def _mixtures(count: int) -> Reals:
    """Weights of `count` numbers that sum to 1, in steps of 1/_STEPS: [mixtures, count]."""
    cuts = combinations(range(_STEPS + count - 1), count - 1)
    parts = [np.diff([-1, *cut, _STEPS + count - 1]) - 1 for cut in cuts]
    return np.array(parts, dtype=float) / _STEPS
