"""Resources of a part of a design, and whether they fit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from inrarch.dataflow.several import Count, pick

KINDS = ("dsp", "bram18", "uram", "lut", "ff")


@dataclass(frozen=True, slots=True)
class Cost:
    """dsp: multiplier blocks; bram18: 18-kbit block RAMs; uram: UltraRAMs; lut, ff: estimates.

    Arrays of numbers where it is that of several parts at once.
    """

    dsp: int = 0
    bram18: int = 0
    lut: int = 0
    ff: int = 0
    uram: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.dsp + other.dsp,
            self.bram18 + other.bram18,
            self.lut + other.lut,
            self.ff + other.ff,
            self.uram + other.uram,
        )

    def times(self, count: Count) -> Cost:
        """The cost of `count` copies."""
        return Cost(self.dsp * count, self.bram18 * count, self.lut * count, self.ff * count, self.uram * count)

    def of(self, kind: str) -> int:
        """One of `KINDS`."""
        return {"dsp": self.dsp, "bram18": self.bram18, "uram": self.uram, "lut": self.lut, "ff": self.ff}[kind]


def total(costs: Iterable[Cost]) -> Cost:
    """The sum."""
    return sum(costs, Cost())


def either(condition: Any, one: Cost, other: Cost) -> Cost:
    """The one where the condition holds, else the other."""
    return Cost(**{kind: pick(condition, one.of(kind), other.of(kind)) for kind in KINDS})


def excess(cost: Cost, budget: Cost) -> list[str]:
    """The kinds of resources that the budget lacks, the scarcest first."""
    lacking = [kind for kind in KINDS if cost.of(kind) > budget.of(kind)]
    return sorted(lacking, key=lambda kind: budget.of(kind) / cost.of(kind))
