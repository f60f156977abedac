"""The choice of a parallelism for an objective, within limits, and how near it is to the best there is."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import numpy as np

from inrarch.config.model import Lanes
from inrarch.dataflow.bounds import Bounds
from inrarch.dataflow.certificate import Certificate
from inrarch.dataflow.costs import network_cost
from inrarch.dataflow.easing import all_eased, eased
from inrarch.dataflow.energy import energy_of
from inrarch.dataflow.energy_goal import energy_goal
from inrarch.dataflow.goals import Area, Energy, Goal, Latency, Limits, RowTime, share
from inrarch.dataflow.hastening import hastened
from inrarch.dataflow.landscape import Landscape
from inrarch.dataflow.menu import Menu
from inrarch.dataflow.parallelism import Parallelism, row_floor
from inrarch.dataflow.predict import predict_cycles
from inrarch.dataflow.priced import priced
from inrarch.dataflow.throughput import Design, fastest
from inrarch.dataflow.tradeoff import Tradeoff
from inrarch.dataflow.units import Facts, Units

_SURE = 1.5
"""A design takes at most this much longer than is estimated."""


_FEW = 32
"""Units that are also looked at one by one."""
_WIDE = 0.2
"""A gap at which the designs of all units at once are looked at, too."""
_RANKED = 3
"""Designs of little area of which the cycles are worked out."""


@dataclass(frozen=True, slots=True)
class Found:
    """A parallelism, and how good it is.

    value, bound: of the objective, in `unit`: what was reached, and less than which no parallelism reaches (over the
    units' choices and the stream lanes that keep up, by the closed form of the cycles).
    """

    parallelism: Parallelism
    objective: str
    value: float
    bound: float
    unit: str

    @property
    def gap(self) -> float:
        """By how much the value may be above the best, relative to the bound."""
        return self.value / self.bound - 1 if self.bound else 0.0


def search(
    units: Units, facts: Facts, pinned: Mapping[str, Lanes], limits: Limits, objective: str, clock_mhz: float
) -> Found | None:
    """The best parallelism for an objective (`goals.OBJECTIVES`); None where no design within the limits is found."""
    menu = Menu(units, facts, pinned)
    bounds = Bounds(menu)
    low, high = row_floor(units), slowest_row_time(menu)
    slowest = high if limits.row_cycles is None else min(high, limits.row_cycles)
    if slowest < low:
        return None
    quick = fastest(menu, bounds, low, slowest, limits.budget)
    if quick is None:
        return None
    design, least = quick
    rank = _Rank(menu, _goal(objective, menu, limits, clock_mhz), clock_mhz)
    start = rank(menu.parallelism(design.widths, design.chosen))
    if objective == "latency":
        slowest = min(slowest, _slowest_for(start.cycles, facts.rows))
    if limits.cycles is not None:
        slowest = min(slowest, _slowest_for(limits.cycles, facts.rows))
    reached = row_time_of(menu, design)
    if objective == "throughput" and not start.exceeded:
        # A unit that is faster than its rows come holds some back, which hastening does not know.
        return _found([design, hastened(menu, design, reached, limits.budget)], rank, objective, least)
    if slowest < reached:
        return None
    tradeoff = partial(Tradeoff(menu, rank.goal).best, reached, slowest, design)
    if objective == "throughput":
        return _found(_designs(tradeoff()), rank, objective, least)
    designs = [design]
    way = _way(menu, design)
    if len(way) < len(units.units) or len(way) <= _FEW:  # it branches, or takes no time
        designs = _designs(tradeoff()) or designs
        way = _way(menu, designs[0])
    value = rank(menu.parallelism(designs[0].widths, designs[0].chosen)).value
    certificate = Certificate(bounds, rank.goal, way, low, high, value)
    bound = certificate.bound()
    designs += priced(certificate, _Fits(menu, rank))
    if objective == "area":  # cycles matter only where they are limited
        designs[1:] = sorted(designs[1:], key=lambda each: share(each.cost, limits.whole))[:_RANKED]
    found = _found(designs, rank, objective, bound)
    if found is None or found.gap > _WIDE:
        found = _found([*designs, *_designs(tradeoff())], rank, objective, bound)
    return found


def _found(designs: Sequence[Design], rank: _Rank, objective: str, bound: float) -> Found | None:
    """The best design with its units eased; None where none keeps to the limits."""
    units, facts = rank.menu.units, rank.menu.facts
    chosen = [rank.menu.parallelism(each.widths, each.chosen) for each in designs]
    if len(chosen) > 1:
        chosen = [min(chosen, key=lambda each: rank(all_eased(units, facts, each)))]
    for each in chosen:
        best = eased(units, facts, each, rank)
        exceeded, value, _ = rank(best)
        return None if exceeded else Found(best, objective, value, min(float(bound), value), rank.goal.unit)
    return None


def _designs(best: tuple[Design, float] | None) -> list[Design]:
    return [] if best is None else [best[0]]


def _way(menu: Menu, design: Design) -> list[tuple[int, int]]:
    land = Landscape(menu, design.widths, row_time_of(menu, design), lambda offers: np.zeros((len(offers.cycles), 2)))
    return land.critical_path([index - column.least for index, column in zip(design.chosen, land.columns, strict=True)])


class Ranked(NamedTuple):
    """How good a parallelism is, the smaller the better: by how much limits are exceeded, the goal's value, the cycles
    of an invocation."""

    exceeded: float
    value: float
    cycles: int


@dataclass(slots=True)
class _Fits:
    """Whether a design keeps to the limits, as far as can be said without working out the cycles of every one.

    looks: designs of which they are worked out. slower: how much longer these took than was estimated.
    """

    menu: Menu
    rank: _Rank
    looks: int = 3
    slower: float = 1.0

    def __call__(self, design: Design, cycles: float) -> bool:
        limits = self.rank.goal.limits
        if share(design.cost, limits.budget) > 1:
            return False
        most = limits.cycles
        if most is None or cycles * _SURE <= most:
            return True
        if self.looks and cycles <= most:
            self.looks -= 1
            exact = self.rank(self.menu.parallelism(design.widths, design.chosen)).cycles
            self.slower = max(self.slower, exact / cycles)
            return exact <= most
        return cycles * self.slower <= most


@dataclass(frozen=True, slots=True)
class _Rank:
    """How good parallelisms are, by the goal."""

    menu: Menu
    goal: Goal
    clock_mhz: float
    _known: dict[Hashable, Ranked] = field(default_factory=dict, init=False, repr=False)

    def __call__(self, parallelism: Parallelism) -> Ranked:
        key = tuple(parallelism.choices.items()), tuple(parallelism.stream_lanes.items())
        if key not in self._known:
            self._known[key] = self._of(parallelism)
        return self._known[key]

    def _of(self, parallelism: Parallelism) -> Ranked:
        units, facts, goal = self.menu.units, self.menu.facts, self.goal
        cycles = predict_cycles(units, facts, parallelism)
        cost = network_cost(units, facts, parallelism)
        row_cycles = max(unit.cycles_per_row(parallelism) for unit in units.units)
        if isinstance(goal, Energy):
            value = energy_of(units, facts, parallelism, cycles, self.clock_mhz).joules
        else:
            value = goal.value(cost, cycles, row_cycles, 0.0)
        return Ranked(goal.violation(cost, cycles, row_cycles), value, cycles)


def _goal(objective: str, menu: Menu, limits: Limits, clock_mhz: float) -> Goal:
    if objective == "throughput":
        return RowTime(limits)
    if objective == "latency":
        return Latency(limits)
    return Area(limits) if objective == "area" else energy_goal(menu, limits, clock_mhz)


def _slowest_for(cycles: int, rows: int) -> int:
    """The largest row time at which `rows` rows can take so many cycles."""
    return cycles // max(rows - 1, 1)


def row_time_of(menu: Menu, design: Design) -> int:
    """Cycles per row of the slowest unit."""
    pairs = zip(menu.units.units, design.chosen, strict=True)
    return max(menu.offers(unit, design.widths).cycles[index] for unit, index in pairs)


def slowest_row_time(menu: Menu) -> int:
    """A row time that the least parallelism meets: the cheapest choices at the narrowest streams."""
    widths = {features: menu.legal(features)[0] for features in menu.repeats}
    return max(menu.offers(unit, widths).cycles[0] for unit in menu.units.units)


def least_design(menu: Menu) -> Design:
    """The design of the least parallelism, whether it fits or not."""
    widths = {features: menu.legal(features)[0] for features in menu.repeats}
    chosen = menu.least(widths, slowest_row_time(menu))
    assert chosen is not None
    return Design(widths, tuple(chosen), menu.cost(widths, chosen))
