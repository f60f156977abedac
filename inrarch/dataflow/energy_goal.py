"""The energy of an invocation as a goal of the search: what each choice of each unit takes, by `energy`."""

from __future__ import annotations

from inrarch.dataflow.energy import Work, energy, energy_of
from inrarch.dataflow.goals import Energy, Limits
from inrarch.dataflow.menu import Menu, Offers

_CYCLES = 1_000_000
"""Of which the energy per cycle is taken."""


def energy_goal(menu: Menu, limits: Limits, clock_mhz: float) -> Energy:
    """The goal for a network at a clock."""
    units, facts = menu.units, menu.facts

    def joules(works: list[Work], cycles: int) -> float:
        found = energy(works, fifo_bits=0, port_words=0, cycles=cycles, clock_mhz=clock_mhz, target=facts.target)
        return found.joules

    static = joules([], _CYCLES) / _CYCLES
    known: dict[tuple[int, int], tuple[float, float]] = {}

    def of_unit(offers: Offers, index: int) -> tuple[float, float]:
        unit = offers.unit
        key = (id(offers), index)
        if key not in known:
            chosen, step = offers.parallelism(index), offers.cycles[index]
            lanes = unit.multipliers(chosen)
            work = Work(offers.cost(index), step * facts.rows, unit.macs_per_row() / (lanes * step) if lanes else 1.0)
            once = joules([work], 0)
            known[key] = once, (joules([work], _CYCLES) - once) / _CYCLES - static
        return known[key]

    widths = {features: menu.legal(features)[0] for features in menu.repeats}
    chosen = [0] * len(units.units)
    everything = energy_of(units, facts, menu.parallelism(widths, chosen), 0, clock_mhz)
    return Energy(limits, of_unit, (everything.streams + everything.ports, static))
