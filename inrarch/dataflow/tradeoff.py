"""Designs that trade the delay of the first row against resources or energy: the search behind all objectives but one.

At a row time and stream lanes, every unit chooses for itself, at an exchange rate between its delay and its price (a
Lagrange multiplier; H. Everett, "Generalized Lagrange multiplier method", Operations Research 11, 1963). A ladder of
rates gives designs from cheap to fast; the best of them is improved unit by unit. `inrarch.dataflow.certificate` says
how near it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inrarch.dataflow.goals import Goal
from inrarch.dataflow.landscape import Landscape
from inrarch.dataflow.menu import Menu
from inrarch.dataflow.predict import predict_cycles
from inrarch.dataflow.throughput import Design, next_row_time

ROW_TIMES = 16
"""Row times that are looked at, from the smallest that fits on."""
_WIDTHS = 3
"""Stream lanes at each."""
_RATES = np.concatenate(([0.0], np.geomspace(1e-4, 1e4, 17)))
_PASSES = 3
_KEPT = 2
"""Designs that are improved unit by unit."""


@dataclass(frozen=True, slots=True)
class Rated:
    """A design, its landscape and picks there, and how good it is: exceeded limits first, then the goal's value."""

    land: Landscape
    picks: tuple[int, ...]
    rank: tuple[float, float]


class Tradeoff:
    """The search for one goal."""

    def __init__(self, menu: Menu, goal: Goal) -> None:
        self.menu, self.goal, self.rows = menu, goal, menu.facts.rows

    def best(self, low: int, high: int, start: Design | None = None) -> tuple[Design, float] | None:
        """The best design found at row times from `low` to `high`, and its value; None where none keeps to the limits.

        start: a design to compare with.
        """
        found: list[Rated] = []
        if start is not None:
            land = Landscape(self.menu, start.widths, low, self.goal.prices)
            picks = [index - column.least for index, column in zip(start.chosen, land.columns, strict=True)]
            found.append(self._rated(land, tuple(picks)))
        for cycles in self._row_times(low, high):
            allowed = self.menu.widths(cycles)
            if allowed is None:
                continue
            seen: list[dict[int, int]] = []
            for wider in range(_WIDTHS):
                widths = {features: lanes[min(wider, len(lanes) - 1)] for features, lanes in allowed.items()}
                if widths not in seen and self.menu.least(widths, cycles) is not None:
                    seen.append(widths)
                    found.append(self._at(widths, cycles))
        start_at = found[:1] if start is not None else []
        found.sort(key=lambda each: each.rank)
        improved = [*start_at, *found[:_KEPT], *(self._improved(each) for each in found[:_KEPT])]
        exact = [each for each in map(self._exact, improved) if each is not None]
        return min(exact, key=lambda each: each[1], default=None)

    def _exact(self, rated: Rated) -> tuple[Design, float] | None:
        """With the cycles of the closed form; None where a limit is exceeded."""
        land = rated.land
        chosen = [column.least + pick for column, pick in zip(land.columns, rated.picks, strict=True)]
        parallelism = self.menu.parallelism(land.widths, chosen)
        cycles = predict_cycles(self.menu.units, self.menu.facts, parallelism)
        cost = land.cost(rated.picks)
        if self.goal.violation(cost, cycles, land.row_time(rated.picks)):
            return None
        row_cycles = land.row_time(rated.picks)
        value = self.goal.value(cost, cycles, row_cycles, self._price(land, rated.picks, cycles))
        return Design(dict(land.widths), tuple(chosen), cost), value

    def _row_times(self, low: int, high: int) -> list[int]:
        """Some next to `low`, then in even ratios up to `high`; each where other choices come into play."""
        found = [low]
        while len(found) < ROW_TIMES // 2 and found[-1] < high:
            found.append(next_row_time(self.menu, found[-1], high))
        wanted = np.geomspace(found[-1], high, ROW_TIMES - ROW_TIMES // 2).tolist()
        return sorted({*found, high, *(next_row_time(self.menu, int(each), high) for each in wanted if each < high)})

    def _at(self, widths: dict[int, int], cycles: int) -> Rated:
        """The best of the ladder, from the cheapest choices on."""
        land = Landscape(self.menu, widths, cycles, self.goal.prices)
        best = self._rated(land, (0,) * len(land.columns))
        for _ in range(_PASSES):
            length = self._length(land, best.picks)
            prices = [column.prices[:, 0] + column.prices[:, 1] * length for column in land.columns]
            late = land.lateness(best.picks)
            spread = sum(float(np.ptp(each)) for each in prices) or 1.0
            scale = sum(float(np.ptp(each)) for each in late) / spread
            before = best
            for rate in (_RATES * scale).tolist():
                values = [delay + rate * price for delay, price in zip(late, prices, strict=True)]
                trial = self._rated(land, tuple(int(each.argmin()) for each in values))
                best = min(best, trial, key=lambda each: each.rank)
            if best is before:
                break
        return best

    def _improved(self, rated: Rated) -> Rated:
        """One unit after the other, a little or much faster or slower, as long as that helps."""
        land, best = rated.land, rated
        for _ in range(_PASSES):
            before = best
            for index, column in enumerate(land.columns):
                pick = best.picks[index]
                for other in sorted({0, column.size - 1, *(pick + step for step in (-8, -4, -2, -1, 1, 2, 4, 8))}):
                    if 0 <= other < column.size and other != best.picks[index]:
                        picks = (*best.picks[:index], other, *best.picks[index + 1 :])
                        best = min(best, self._rated(land, picks), key=lambda each: each.rank)
            if best is before:
                break
        return best

    def _rated(self, land: Landscape, picks: tuple[int, ...]) -> Rated:
        cycles = self._length(land, picks)
        cost = land.cost(picks)
        row_cycles = land.row_time(picks)
        rank = (
            self.goal.violation(cost, cycles, row_cycles),
            self.goal.value(cost, cycles, row_cycles, self._price(land, picks, cycles)),
        )
        return Rated(land, picks, rank)

    def _length(self, land: Landscape, picks: Sequence[int]) -> int:
        """Cycles of an invocation."""
        return land.first_row(picks) + (self.rows - 1) * land.row_time(picks)

    def _price(self, land: Landscape, picks: Sequence[int], cycles: int) -> float:
        pairs = [column.prices[pick] for column, pick in zip(land.columns, picks, strict=True)]
        once, per_cycle = np.sum(pairs, axis=0).tolist()
        return float(once + per_cycle * cycles)
