"""The energy of an invocation as a goal of the search: what each choice of each unit takes, by `energy`.

The energy model is linear in the resources of a unit, so one of each tells what any number takes.
"""

from __future__ import annotations

import numpy as np

from inrarch.dataflow.energy import Work, energy, energy_of
from inrarch.dataflow.goals import Energy, Limits, Reals
from inrarch.dataflow.menu import Menu
from inrarch.dataflow.offers import Offers
from inrarch.dataflow.resources import KINDS, Cost
from inrarch.dataflow.units import in_invocation

_MANY = 1_000_000
"""Resources and cycles of which the energy of one is taken."""


def energy_goal(menu: Menu, limits: Limits, clock_mhz: float) -> Energy:
    """The goal for a network at a clock."""
    units, facts = menu.units, menu.facts

    def joules(works: list[Work], cycles: int) -> float:
        found = energy(works, fifo_bits=0, port_words=0, cycles=cycles, clock_mhz=clock_mhz, target=facts.target)
        return found.joules

    static = joules([], _MANY) / _MANY
    each = [Cost(**{kind: _MANY}) for kind in KINDS]
    busy = np.array([joules([Work(cost, 1)], 0) / _MANY for cost in each])
    held = np.array([(joules([Work(cost, 0)], _MANY) / _MANY - static) / _MANY for cost in each])
    multiplier = np.array([kind == "dsp" for kind in KINDS])

    def of_unit(offers: Offers) -> Reals:
        unit, times = in_invocation(offers.unit, facts.rows)
        chosen = [offers.parallelism(index) for index in range(len(offers.cycles))]
        steps = np.array([unit.cycles_per_row(each) for each in chosen], dtype=float)
        lanes = np.array([unit.multipliers(each) for each in chosen])
        use = np.where(lanes > 0, unit.macs_per_row() / np.maximum(lanes * steps, 1), 1.0)
        work = offers.table * np.where(multiplier, use[:, None], 1.0)
        return np.stack([(work @ busy) * steps * times, offers.table @ held], axis=1)

    widths = {features: menu.legal(features)[0] for features in menu.repeats}
    everything = energy_of(units, facts, menu.parallelism(widths, [0] * len(units.units)), 0, clock_mhz)
    return Energy(limits, of_unit, (everything.streams + everything.ports, static))
