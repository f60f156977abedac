"""What a parallelism is chosen for, and within which limits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from inrarch.dataflow.menu import Offers
from inrarch.dataflow.resources import KINDS, Cost

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
    parts = [cost.of(kind) / whole.of(kind) if whole.of(kind) else 2.0 * (cost.of(kind) > 0) for kind in KINDS]
    return max(parts)


class Goal(ABC):
    """A number to make small.

    unit: of the number.
    """

    unit: ClassVar[str]

    def __init__(self, limits: Limits) -> None:
        self.limits = limits

    def price(self, offers: Offers, index: int) -> tuple[float, float]:
        """What a choice takes of that for which the first row's delay is traded.

        A constant, and a part per cycle of the invocation.
        """
        cost, budget = offers.cost(index), self.limits.budget
        return cost.dsp / max(budget.dsp, 1) + 1e-3 * (cost.lut / max(budget.lut, 1)), 0.0

    @abstractmethod
    def value(self, cost: Cost, cycles: int, price: float) -> float:
        """Of a design. cycles: of an invocation. price: the sum over its units."""

    def violation(self, cost: Cost, cycles: int, row_cycles: int) -> float:
        """By how much limits are exceeded, relative to them; 0 where none is."""
        limits = self.limits
        found = max(0.0, share(cost, limits.budget) - 1)
        if limits.cycles is not None:
            found += max(0.0, cycles / limits.cycles - 1)
        if limits.row_cycles is not None:
            found += max(0.0, row_cycles / limits.row_cycles - 1)
        return found


class Latency(Goal):
    """Cycles of one invocation."""

    unit = "cycles"

    def value(self, cost: Cost, cycles: int, price: float) -> float:
        """The cycles."""
        return float(cycles)


class Area(Goal):
    """The largest share of any resource of the board."""

    unit = "of the board"

    def price(self, offers: Offers, index: int) -> tuple[float, float]:
        """All resources, by their shares."""
        cost, whole = offers.cost(index), self.limits.whole
        return sum(cost.of(kind) / whole.of(kind) for kind in KINDS if whole.of(kind)), 0.0

    def value(self, cost: Cost, cycles: int, price: float) -> float:
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

    def price(self, offers: Offers, index: int) -> tuple[float, float]:
        """The number, and a little of the other resources."""
        cost, whole = offers.cost(index), self.limits.whole
        others = sum(cost.of(kind) / whole.of(kind) for kind in KINDS if whole.of(kind))
        return cost.of(self.kind) / max(whole.of(self.kind), 1) + 0.01 * others, 0.0

    def value(self, cost: Cost, cycles: int, price: float) -> float:
        """The number."""
        return float(cost.of(self.kind))


class Energy(Goal):
    """Joules of one invocation, by the energy model (`inrarch.dataflow.energy`), an estimate.

    of_unit: of a choice, joules whatever the invocation's length, and joules per cycle of it. fixed: of all else.
    """

    unit = "J"

    def __init__(
        self, limits: Limits, of_unit: Callable[[Offers, int], tuple[float, float]], fixed: tuple[float, float]
    ) -> None:
        super().__init__(limits)
        self.of_unit, self.fixed = of_unit, fixed

    def price(self, offers: Offers, index: int) -> tuple[float, float]:
        """Joules of a choice."""
        return self.of_unit(offers, index)

    def value(self, cost: Cost, cycles: int, price: float) -> float:
        """Joules."""
        return price + self.fixed[0] + self.fixed[1] * cycles
