"""Lanes of units and streams: the smallest row time whose resources fit the board, with the least lanes that meet it.

What a unit can choose among, and what that costs in cycles, it says itself (`Unit.options`). Stream lanes w are equal
for equal numbers of features F (then regions can read several streams): the least divisor of F with F/w <= row time.
Lanes of a matmul unit and of its streams divide one another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from inrarch.config.model import Lanes
from inrarch.dataflow.resources import Cost, excess
from inrarch.dataflow.units import Facts, Units
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
    """Refuse pinned lanes of an unknown unit or more than a unit has inputs or outputs."""
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
        limits = known[name]
        for key, value, most in (("inputs", lanes.inputs, limits.inputs), ("outputs", lanes.outputs, limits.outputs)):
            if not 1 <= value <= most:
                raise UserError(f"{key}: {value}", place=place, expected=f"1 to {most} ({key} of unit {name!r})")


def for_row_time(units: Units, facts: Facts, pinned: Mapping[str, Lanes], cycles: int) -> Parallelism | None:
    """The least lanes with which every unit takes at most `cycles` per row; None where there are none.

    Of equally many multipliers, the squarest arrangement is taken: the fewest operands to move and sums to keep.
    """
    stream_lanes: dict[int, int] = {}
    rows: dict[int, int] = {}
    for link in units.links:
        rows[link.features] = max(link.repeat, rows.get(link.features, 0))
    for features, repeat in sorted(rows.items()):
        enough = (w for w in _divisors(features) if repeat * (features // w) <= cycles)
        least_width = next((w for w in enough if _fits(units, pinned, features, w)), None)
        if least_width is None:
            return None
        stream_lanes[features] = least_width
    choices: dict[str, Any] = {}
    for unit in units.units:
        if unit.name in pinned:
            choices[unit.name] = pinned[unit.name]
        elif options := unit.options(facts, stream_lanes):
            least = next((choice for step, choice in options if step <= cycles), None)
            if least is None:
                return None
            choices[unit.name] = least
    chosen = Parallelism(choices, stream_lanes)
    return chosen if all(unit.cycles_per_row(chosen) <= cycles for unit in units.units) else None


def slowest_row_time(units: Units, facts: Facts, pinned: Mapping[str, Lanes]) -> int:
    """A row time that the least parallelism meets: one lane everywhere but where it is pinned."""
    single = {link.features: 1 for link in units.links}
    choices: dict[str, Any] = {}
    for unit in units.units:
        if unit.name in pinned:
            choices[unit.name] = pinned[unit.name]
        elif options := unit.options(facts, single):
            choices[unit.name] = options[0][1]
    least = Parallelism(choices, single)
    return max(unit.cycles_per_row(least) for unit in units.units)


def fastest(
    units: Units, facts: Facts, pinned: Mapping[str, Lanes], cost: Callable[[Parallelism], Cost], budget: Cost
) -> Parallelism | None:
    """The parallelism of the smallest row time within the budget; None where there is none.

    Multipliers shrink as the row time grows, so the row time that they allow is found by bisection. Memories do not
    always shrink (more lanes make shallower words, which may fit into LUTs), so from there on every row time at which
    lanes change is tried.
    """
    low, high = row_floor(units) - 1, slowest_row_time(units, facts, pinned)
    while high - low > 1:
        middle = (low + high) // 2
        trial = for_row_time(units, facts, pinned, middle)
        if trial is not None and cost(trial).dsp <= budget.dsp:
            high = middle
        else:
            low = middle
    cycles: int | None = high
    while cycles is not None:
        trial = for_row_time(units, facts, pinned, cycles)
        if trial is not None and not excess(cost(trial), budget):
            return trial
        cycles = _next_row_time(units, facts, pinned, trial, cycles)
    return None


def _next_row_time(
    units: Units, facts: Facts, pinned: Mapping[str, Lanes], current: Parallelism | None, cycles: int
) -> int | None:
    """The next larger row time that needs other lanes of a unit or stream."""
    steps = [link.repeat * (link.features // w) for link in units.links for w in _divisors(link.features)]
    steps.append(slowest_row_time(units, facts, pinned))
    if current is not None:
        for unit in units.units:
            if unit.name not in pinned:
                steps += [step for step, _ in unit.options(facts, current.stream_lanes)]
    return min((step for step in steps if step > cycles), default=None)


def _fits(units: Units, pinned: Mapping[str, Lanes], features: int, lanes: int) -> bool:
    """Whether stream lanes divide, or are divided by, the pinned lanes of every unit on such a stream."""
    for unit in units.units:
        if unit.name in pinned:
            sizes = [link.features for link in (*units.incoming(unit.name), *units.outgoing(unit.name))]
            for size, own in zip(sizes, (pinned[unit.name].inputs, pinned[unit.name].outputs), strict=True):
                if size == features and own % lanes and lanes % own:
                    return False
    return True


def _divisors(number: int) -> list[int]:
    return [each for each in range(1, number + 1) if number % each == 0]
