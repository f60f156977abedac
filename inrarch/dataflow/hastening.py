"""The second step of the choice for throughput: at the row time reached, less of cycles times resources.

The design with the fewest multipliers that keep up may have units that are far slower than a few more would make them,
or that need memories which others of equally many multipliers do not. A resource is worth as many cycles as its share
of the design is of the invocation (the Lagrange multiplier at which their product is stationary).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inrarch.dataflow.cost import Cost
from inrarch.dataflow.goals import share
from inrarch.dataflow.landscape import Landscape, Reals
from inrarch.dataflow.menu import Menu
from inrarch.dataflow.offers import Offers
from inrarch.dataflow.resources import KINDS
from inrarch.dataflow.throughput import Design

_ROUNDS = 4


def hastened(menu: Menu, design: Design, cycles: int, budget: Cost) -> Design:
    """A design of the same stream lanes that takes at most `cycles` per row and fits, with less of the product.

    Resources count by the part of the budget that they take, added up.
    """
    parts = np.array([1 / max(budget.of(kind), 1) for kind in KINDS])

    def prices(offers: Offers) -> Reals:
        part = offers.table @ parts
        return np.stack([part, np.zeros_like(part)], axis=1)

    land = Landscape(menu, design.widths, cycles, prices)
    streams = float(parts @ [land.streams.of(kind) for kind in KINDS])
    invocation = (menu.facts.rows - 1) * cycles

    def rated(picks: Sequence[int]) -> tuple[float, float]:
        """Cycles, resources."""
        taken = sum(float(column.prices[pick, 0]) for column, pick in zip(land.columns, picks, strict=True))
        return invocation + land.first_row(picks), streams + taken

    picks = [index - column.least for index, column in zip(design.chosen, land.columns, strict=True)]
    best = rated(picks)
    for _ in range(_ROUNDS):
        before = best
        rate = best[0] / best[1]
        values = [
            late + rate * column.prices[:, 0] for late, column in zip(land.lateness(picks), land.columns, strict=True)
        ]
        gains = [float(value[pick] - value.min()) for value, pick in zip(values, picks, strict=True)]
        for index in sorted(range(len(picks)), key=lambda each: -gains[each]):
            if gains[index] > 0:
                trial = [*picks[:index], int(values[index].argmin()), *picks[index + 1 :]]
                found = rated(trial)
                if found[0] * found[1] < best[0] * best[1] and share(land.cost(trial), budget) <= 1:
                    picks, best = trial, found
        if best == before:
            break
    chosen = tuple(column.least + pick for column, pick in zip(land.columns, picks, strict=True))
    return Design(design.widths, chosen, land.cost(picks))
