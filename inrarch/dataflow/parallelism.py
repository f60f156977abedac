"""What is chosen for the units of a network, and the limits of that choice.

What a unit can choose among, and what that costs in cycles, it says itself (`Unit.options`); `inrarch.dataflow.search`
chooses. Stream lanes are equal for equal numbers of features (then regions can read several streams) and divide them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from inrarch.config.model import Lanes
from inrarch.dataflow.units import Units
from inrarch.errors import UserError, did_you_mean


@dataclass(frozen=True, slots=True)
class Parallelism:
    """choices: of each unit that has a freedom (`Unit.options`), what was chosen. stream_lanes: features per token, by
    the number of features of a row."""

    choices: Mapping[str, Any]
    stream_lanes: Mapping[int, int]


def row_floor(units: Units) -> int:
    """Cycles per row that the AXI ports need: one word per cycle of each input feature and each output."""
    nothing = Parallelism({}, {})
    return max(unit.cycles_per_row(nothing) for unit in units.units if unit.is_port)


def check_pinned(units: Units, pinned: Mapping[str, Lanes]) -> None:
    """Refuse pinned lanes of an unknown unit, or more than a unit has inputs, outputs or coefficients."""
    known = {unit.name: unit.limits for unit in units.units if unit.limits is not None}
    for name, lanes in pinned.items():
        place = f"dataflow.parallelism.{name}"
        if name not in known:
            raise UserError(
                f"unknown unit {name!r}",
                place=place,
                expected="one of " + ", ".join(known) if known else "no unit: the network has no matmul",
                hint=did_you_mean(name, known),
            )
        for key, most in asdict(known[name]).items():
            value = getattr(lanes, key)
            if value is not None and not 1 <= value <= most:
                raise UserError(f"{key}: {value}", place=place, expected=f"1 to {most} ({key} of unit {name!r})")


def divisors(number: int) -> list[int]:
    """All of them, rising."""
    return [each for each in range(1, number + 1) if number % each == 0]
