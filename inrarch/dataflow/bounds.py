"""What no parallelism can beat: lower bounds that come without a search, and say how near a design is to the best.

Every bound relaxes the choice: each unit chooses for itself, stream lanes included, and each resource is looked at
alone. What the relaxed network cannot do, no network can.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import product

import numpy as np

from inrarch.dataflow.menu import Menu
from inrarch.dataflow.offers import Offers
from inrarch.dataflow.resources import KINDS, Cost
from inrarch.dataflow.units import Unit


class Bounds:
    """Lower bounds for one network."""

    def __init__(self, menu: Menu) -> None:
        self.menu = menu
        self._counts: dict[object, tuple[Unit, int]] = {}
        for unit in menu.units.units:
            _, count = self._counts.get(menu.alike(unit), (unit, 0))
            self._counts[menu.alike(unit)] = (unit, count + 1)
        self._offered: dict[tuple[object, ...], list[Offers]] = {}
        self.multipliers = cache(self._multipliers)
        self.resources = cache(self._resources)

    def relaxed(self, unit: Unit, cycles: int) -> list[tuple[Offers, int]]:
        """At all stream lanes, the choices of a unit, and the first of them that takes at most `cycles` per row."""
        found = ((offers, offers.least(cycles)) for offers in self.offered(unit, cycles))
        return [(offers, index) for offers, index in found if index is not None]

    def offered(self, unit: Unit, cycles: int) -> list[Offers]:
        """At all stream lanes that keep up with `cycles` per row, the choices of a unit."""
        allowed = self.menu.widths(cycles)
        if allowed is None:
            return []
        features = self.menu.features(unit)
        key = (self.menu.alike(unit), *[tuple(allowed[each]) for each in features])
        if key not in self._offered:
            lanes = product(*(allowed[each] for each in features))
            self._offered[key] = [self.menu.offers(unit, dict(zip(features, each, strict=True))) for each in lanes]
        return self._offered[key]

    def _multipliers(self, cycles: int) -> int | None:
        """DSP slices that a row time of at most `cycles` needs; None where it is impossible."""
        need = 0
        for unit, count in self._counts.values():
            relaxed = self.relaxed(unit, cycles)
            if not relaxed:
                return None
            cheapest = ((offers, offers.cheapest(cycles)) for offers, _ in relaxed)
            need += count * min(offers.cost(index).dsp for offers, index in cheapest if index is not None)
        return need

    def _resources(self, cycles: int) -> Cost | None:
        """Each resource that a row time of at most `cycles` needs, if it were the only one; None where impossible."""
        need = np.zeros(len(KINDS), dtype=np.int64)
        for unit, count in self._counts.values():
            relaxed = self.relaxed(unit, cycles)
            if not relaxed:
                return None
            need += count * np.min([offers.floors[index] for offers, index in relaxed], axis=0)
        return Cost(**dict(zip(KINDS, need.tolist(), strict=True))) + self.streams(cycles)

    def streams(self, cycles: int) -> Cost:
        """Resources of the narrowest streams that keep up with a row time that is possible."""
        allowed = self.menu.widths(cycles)
        assert allowed is not None
        return self.menu.streams({features: widths[0] for features, widths in allowed.items()})

    def fits(self, cycles: int, budget: Cost, kinds: Sequence[str] = KINDS) -> bool:
        """Whether a row time of at most `cycles` is not ruled out."""
        if tuple(kinds) == ("dsp",):
            need = self.multipliers(cycles)
            return need is not None and need <= budget.dsp
        cost = self.resources(cycles)
        return cost is not None and all(cost.of(kind) <= budget.of(kind) for kind in kinds)

    def row_time(self, low: int, high: int, budget: Cost, kinds: Sequence[str] = KINDS) -> int | None:
        """The least row time from `low` to `high` that is not ruled out; None where all are.

        Between the row times at which other stream lanes come into play, more time never needs more; so the end of
        each such range tells whether its least is to be looked for in it.
        """
        for start, end in self.ranges(low, high):
            if self.fits(end, budget, kinds):
                while start < end:
                    middle = (start + end) // 2
                    if self.fits(middle, budget, kinds):
                        end = middle
                    else:
                        start = middle + 1
                return end
        return None

    def ranges(self, low: int, high: int) -> list[tuple[int, int]]:
        """From `low` to `high`, the ranges of row times with equal stream lanes to choose from."""
        starts = {low}
        for features, repeat in self.menu.repeats.items():
            starts.update(repeat * (features // width) for width in self.menu.legal(features))
        begins = sorted(start for start in starts if low <= start <= high)
        return list(zip(begins, [start - 1 for start in begins[1:]] + [high], strict=True))
