"""What a parallelism is chosen for, and within which limits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from inrarch.dataflow.offers import Offers
from inrarch.dataflow.resources import KINDS, Cost

Reals = npt.NDArray[np.float64]
OBJECTIVES = ("throughput", "latency", "area", "energy")


@dataclass(frozen=True, slots=True)
class Limits:
    """budget: most of each resource. whole: of the board. cycles: most per invocation, row_cycles: most per row; None:
    no limit."""

    budget: Cost
    whole: Cost
    cycles: int | None = None
    row_cycles: int | None = None


def share(cost: Cost, whole: Cost) -> float:
    """The largest part that is used of any resource; more than 1 where one does not suffice."""
    pairs = [(cost.of(kind), whole.of(kind)) for kind in KINDS]
    return max(need / have if have else float(need > 0) + need for need, have in pairs)


def _all(whole: Cost) -> Reals:
    """One over each resource."""
    return np.array([1 / max(whole.of(kind), 1) for kind in KINDS])


def _one(kind: str, whole: Cost) -> Reals:
    """One over one resource."""
    return np.where([each == kind for each in KINDS], _all(whole), 0.0)


def _constant(prices: Reals) -> Reals:
    """Nothing per cycle."""
    return np.stack([prices, np.zeros_like(prices)], axis=1)


class Goal(ABC):
    """A number to make small.

    unit: of the number.
    """

    unit: ClassVar[str]

    def __init__(self, limits: Limits) -> None:
        self.limits = limits

    def prices(self, offers: Offers) -> Reals:
        """What every choice takes of that for which the first row's delay is traded: [choices, 2].

        A constant, and a part per cycle of the invocation.
        """
        return _constant(offers.table @ (_one("dsp", self.limits.budget) + 1e-3 * _one("lut", self.limits.budget)))

    @abstractmethod
    def value(self, cost: Cost, cycles: int, row_cycles: int, price: float) -> float:
        """Of a design. cycles: of an invocation; row_cycles: per row. price: the sum over its units."""

    def violation(self, cost: Cost, cycles: int, row_cycles: int) -> float:
        """By how much limits are exceeded, relative to them; 0 where none is."""
        limits = self.limits
        found = max(0.0, share(cost, limits.budget) - 1)
        if limits.cycles is not None:
            found += max(0.0, cycles / max(limits.cycles, 1) - 1)
        if limits.row_cycles is not None:
            found += max(0.0, row_cycles / max(limits.row_cycles, 1) - 1)
        return found


class RowTime(Goal):
    """Cycles per row, where `throughput.fastest` does not do because an invocation must be short, too."""

    unit = "cycles per row"

    def value(self, cost: Cost, cycles: int, row_cycles: int, price: float) -> float:
        """The cycles per row."""
        return float(row_cycles)


class Latency(Goal):
    """Cycles of one invocation."""

    unit = "cycles"

    def value(self, cost: Cost, cycles: int, row_cycles: int, price: float) -> float:
        """The cycles."""
        return float(cycles)


class Area(Goal):
    """The largest share of any resource of the board."""

    unit = "of the board"

    def prices(self, offers: Offers) -> Reals:
        """All resources, by their shares."""
        return _constant(offers.table @ _all(self.limits.whole))

    def value(self, cost: Cost, cycles: int, row_cycles: int, price: float) -> float:
        """The largest share."""
        return share(cost, self.limits.whole)


class OneResource(Goal):
    """The number of one resource.

    kind: of `inrarch.dataflow.resources.KINDS`.
    """

    unit = ""

    def __init__(self, limits: Limits, kind: str) -> None:
        super().__init__(limits)
        self.kind = kind

    def prices(self, offers: Offers) -> Reals:
        """The number, and a little of the other resources."""
        return _constant(offers.table @ (_one(self.kind, self.limits.whole) + 0.01 * _all(self.limits.whole)))

    def value(self, cost: Cost, cycles: int, row_cycles: int, price: float) -> float:
        """The number."""
        return float(cost.of(self.kind))


class Energy(Goal):
    """Joules of one invocation, by the energy model (`inrarch.dataflow.energy`), an estimate.

    of_unit: of all choices of a unit [choices, 2], joules whatever the invocation's length, and joules per cycle of it.
    fixed: the same of all else.
    """

    unit = "J"

    def __init__(self, limits: Limits, of_unit: Callable[[Offers], Reals], fixed: tuple[float, float]) -> None:
        super().__init__(limits)
        self.of_unit, self.fixed = of_unit, fixed

    def prices(self, offers: Offers) -> Reals:
        """Joules of every choice."""
        return self.of_unit(offers)

    def value(self, cost: Cost, cycles: int, row_cycles: int, price: float) -> float:
        """Joules."""
        return price + self.fixed[0] + self.fixed[1] * cycles
