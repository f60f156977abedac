"""What every unit of a network can choose, with what it takes: the search for a parallelism looks at nothing else.

Stream lanes are equal for equal numbers of features (then regions can read several streams) and divide them; lanes of a
unit and of its streams divide one another, which `Unit.options` sees to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from functools import cache

from inrarch.config.model import Lanes
from inrarch.dataflow.costs import token_bits
from inrarch.dataflow.offers import Offers, Widths
from inrarch.dataflow.parallelism import Parallelism, divisors
from inrarch.dataflow.resources import Cost, fifo_cost, total
from inrarch.dataflow.units import Facts, Unit, Units

CONSIDERED = 4
"""Stream lanes that are looked at: as many of the narrowest that keep up with the row time."""


class Menu:
    """The choices of all units of a network; those of equal units are worked out once.

    pinned: lanes by name of unit.
    """

    def __init__(self, units: Units, facts: Facts, pinned: Mapping[str, Lanes]) -> None:
        self.units, self.facts, self.pinned = units, facts, pinned
        self._offers: dict[tuple[int, ...], Offers] = {}
        self._waiting: defaultdict[int, list[Offers]] = defaultdict(list)
        numbers: dict[Hashable, int] = {}
        self.legal = cache(self._legal)
        self.widths = cache(self._widths)
        self._features: dict[str, tuple[int, ...]] = {}
        self._alike: dict[str, int] = {}
        for unit in units.units:
            links = (*units.incoming(unit.name), *units.outgoing(unit.name))
            self._features[unit.name] = tuple(sorted({link.features for link in links}))
            equal = (type(unit), self._features[unit.name], unit.alike(facts), pinned.get(unit.name))
            self._alike[unit.name] = numbers.setdefault(equal, len(numbers))
        self.repeats: dict[int, int] = {}
        for link in units.links:
            self.repeats[link.features] = max(link.repeat, self.repeats.get(link.features, 0))

    def features(self, unit: Unit) -> tuple[int, ...]:
        """Features of the streams of a unit."""
        return self._features[unit.name]

    def alike(self, unit: Unit) -> int:
        """A number that is equal for units with equal choices."""
        return self._alike[unit.name]

    def _legal(self, features: int) -> list[int]:
        """Stream lanes that fit the pinned lanes of all units on such streams, rising."""
        return [width for width in divisors(features) if self._fits(features, width)]

    def _fits(self, features: int, width: int) -> bool:
        for name, lanes in self.pinned.items():
            links = (*self.units.incoming(name), *self.units.outgoing(name))
            for link, own in zip(links, (lanes.inputs, lanes.outputs), strict=False):
                if link.features == features and own % width and width % own:
                    return False
        return True

    def _widths(self, cycles: int) -> Mapping[int, list[int]] | None:
        """By number of features, the narrowest stream lanes that keep up with a row time; None where none do."""
        found: dict[int, list[int]] = {}
        for features, repeat in sorted(self.repeats.items()):
            found[features] = [w for w in self.legal(features) if repeat * (features // w) <= cycles]
            found[features] = found[features][:CONSIDERED]
            if not found[features]:
                return None
        return found

    def offers(self, unit: Unit, widths: Widths) -> Offers:
        """The choices of a unit at these stream lanes."""
        alike = self._alike[unit.name]
        key = (alike, *[widths[each] for each in self._features[unit.name]])
        if key not in self._offers:
            pinned = self.pinned.get(unit.name)
            self._offers[key] = Offers(unit, self.facts, widths, pinned, self._waiting[alike])
        return self._offers[key]

    def parallelism(self, widths: Widths, chosen: Sequence[int]) -> Parallelism:
        """The parallelism of a choice (its index among the offers) per unit, in their order."""
        choices = {}
        for unit, index in zip(self.units.units, chosen, strict=True):
            choice = self.offers(unit, widths).choices[index]
            if choice is not None:
                choices[unit.name] = choice
        return Parallelism(choices, dict(widths))

    def streams(self, widths: Widths) -> Cost:
        """Resources of all streams, as FIFOs of two words."""
        chosen = Parallelism({}, widths)
        return total(fifo_cost(token_bits(link, self.facts, chosen), self.facts.target) for link in self.units.links)

    def least(self, widths: Widths, cycles: int) -> list[int] | None:
        """The cheapest choice of every unit that takes at most `cycles` per row; None where one has none."""
        chosen = []
        for unit in self.units.units:
            index = self.offers(unit, widths).cheapest(cycles)
            if index is None:
                return None
            chosen.append(index)
        return chosen

    def cost(self, widths: Widths, chosen: Sequence[int]) -> Cost:
        """Resources of the whole network."""
        pairs = zip(self.units.units, chosen, strict=True)
        return total(self.offers(unit, widths).cost(index) for unit, index in pairs) + self.streams(widths)
