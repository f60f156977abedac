"""The choice of a parallelism for an objective, within limits, and how near it is to the best there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inrarch.config.model import Lanes
from inrarch.dataflow.bounds import Bounds
from inrarch.dataflow.certificate import Certificate
from inrarch.dataflow.costs import network_cost
from inrarch.dataflow.easing import all_eased, eased
from inrarch.dataflow.energy import energy_of
from inrarch.dataflow.energy_goal import energy_goal
from inrarch.dataflow.goals import Area, Energy, Goal, Latency, Limits, RowTime, share
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
    if objective == "latency":
        slowest = min(slowest, _slowest_for(_cycles(menu, design), facts.rows))
    if limits.cycles is not None:
        slowest = min(slowest, _slowest_for(limits.cycles, facts.rows))
    reached = row_time_of(menu, design)
    if objective == "throughput" and (limits.cycles is None or _cycles(menu, design) <= limits.cycles):
        rank = _Rank(menu, RowTime(limits), clock_mhz)
        chosen = eased(units, facts, menu.parallelism(design.widths, design.chosen), rank)
        return Found(chosen, objective, reached, least, RowTime.unit)
    if slowest < reached:
        return None
    goal = _goal(objective, menu, limits, clock_mhz)
    rank = _Rank(menu, goal, clock_mhz)
    if objective == "throughput":
        best = Tradeoff(menu, goal).best(reached, slowest, design)
        if best is None:
            return None
        chosen = eased(units, facts, menu.parallelism(best[0].widths, best[0].chosen), rank)
        return Found(chosen, objective, rank(chosen)[1], float(least), goal.unit)
    way = Landscape(menu, design.widths, high, goal.prices).critical_path(design.chosen)
    found = [design]
    if len(way) < len(units.units):  # it branches: designs of all units, at once
        best = Tradeoff(menu, goal).best(reached, slowest, design)
        if best is not None:
            found = [best[0]]
            way = Landscape(menu, best[0].widths, high, goal.prices).critical_path(best[0].chosen)
    certificate = Certificate(bounds, goal, way, low, high, rank(menu.parallelism(found[0].widths, found[0].chosen))[1])
    bound = certificate.bound()
    found += priced(certificate, _Fits(menu, limits))
    parallelisms = [menu.parallelism(each.widths, each.chosen) for each in found]
    chosen = min(parallelisms, key=lambda each: rank(all_eased(units, facts, each)))
    chosen = eased(units, facts, chosen, rank)
    exceeded, value, _ = rank(chosen)
    return None if exceeded else Found(chosen, objective, value, min(bound, value), goal.unit)


@dataclass(frozen=True, slots=True)
class _Fits:
    """Whether a design keeps to the limits."""

    menu: Menu
    limits: Limits

    def __call__(self, design: Design, cycles: float) -> bool:
        if share(design.cost, self.limits.budget) > 1:
            return False
        most = self.limits.cycles
        return most is None or cycles * _SURE <= most or (cycles <= most and _cycles(self.menu, design) <= most)


@dataclass(frozen=True, slots=True)
class _Rank:
    """How good a parallelism is: exceeded limits first, then the goal's value, then the cycles of an invocation."""

    menu: Menu
    goal: Goal
    clock_mhz: float

    def __call__(self, parallelism: Parallelism) -> tuple[float, float, int]:
        units, facts, goal = self.menu.units, self.menu.facts, self.goal
        cycles = predict_cycles(units, facts, parallelism)
        cost = network_cost(units, facts, parallelism)
        row_cycles = max(unit.cycles_per_row(parallelism) for unit in units.units)
        if isinstance(goal, Energy):
            value = energy_of(units, facts, parallelism, cycles, self.clock_mhz).joules
        else:
            value = goal.value(cost, cycles, row_cycles, 0.0)
        return goal.violation(cost, cycles, row_cycles), value, cycles


def _goal(objective: str, menu: Menu, limits: Limits, clock_mhz: float) -> Goal:
    if objective == "throughput":
        return RowTime(limits)
    if objective == "latency":
        return Latency(limits)
    return Area(limits) if objective == "area" else energy_goal(menu, limits, clock_mhz)


def _cycles(menu: Menu, design: Design) -> int:
    """Of an invocation, in closed form."""
    return predict_cycles(menu.units, menu.facts, menu.parallelism(design.widths, design.chosen))


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
