"""Lanes of units and streams: the smallest row time whose resources fit the board, with the least lanes that meet it.

A matmul unit with PI input and PO output lanes takes ceil(M/PO) slots per row, one per group of PO outputs, each of
max(ceil(K/PI), tokens per group) cycles. Stream lanes w are equal for equal numbers of features F (then regions can read
several streams): the least divisor of F with F/w <= row time. Lanes of a unit and of its streams divide one another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from inrarch.dataflow.units import Matmul, Sink, Source, Units
from inrarch.errors import UserError, did_you_mean


@dataclass(frozen=True, slots=True)
class UnitLanes:
    """Parallelism of a matmul unit. inputs: PI; outputs: PO."""

    inputs: int
    outputs: int


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything that follows from the lanes of a matmul unit and of its streams.

    blocks_in: KB, cycles of products per group. blocks_out: MB, groups per row. slot: cycles per group. reads: tokens read
    per row. tokens_per_group: written after a group; groups_per_token: groups that fill a token (one of both is 1).
    step: T, cycles per row.
    """

    blocks_in: int
    blocks_out: int
    slot: int
    reads: int
    tokens_per_group: int
    groups_per_token: int
    step: int


@dataclass(frozen=True, slots=True)
class Parallelism:
    """lanes: of each matmul unit. stream_lanes: features per token, by the number of features of a row."""

    lanes: Mapping[str, UnitLanes]
    stream_lanes: Mapping[int, int]

    def shape(self, unit: Matmul) -> Shape:
        """The cycle structure of a unit."""
        lanes = self.lanes[unit.name]
        return shape_of(unit.K, unit.M, lanes, self.stream_lanes[unit.K], self.stream_lanes[unit.M])


def shape_of(K: int, M: int, lanes: UnitLanes, lanes_before: int, lanes_behind: int) -> Shape:
    """Cycle structure of a [K, M] product with these lanes of the unit and of the streams before and behind it."""
    blocks_in, blocks_out = -(-K // lanes.inputs), -(-M // lanes.outputs)
    tokens = max(1, lanes.outputs // lanes_behind)
    slot = max(blocks_in, tokens)
    reads = K // lanes_before
    step = max(reads, blocks_out * slot)
    return Shape(blocks_in, blocks_out, slot, reads, tokens, max(1, lanes_behind // lanes.outputs), step)


def row_floor(units: Units) -> int:
    """Cycles per row that the AXI ports need: one word per cycle of each input feature and each output."""
    ports = [unit.features for unit in units.units if isinstance(unit, Source)]
    ports += [unit.features * len(unit.outputs) for unit in units.units if isinstance(unit, Sink)]
    return max(ports)


def check_pinned(units: Units, pinned: Mapping[str, UnitLanes]) -> None:
    """Refuse pinned lanes of an unknown unit or more than a unit has inputs or outputs."""
    known = {unit.name: unit for unit in units.matmuls()}
    for name, lanes in pinned.items():
        place = f"dataflow.parallelism.{name}"
        if name not in known:
            raise UserError(
                f"unknown unit {name!r}",
                place=place,
                expected="one of " + ", ".join(known) if known else "no unit: the network has no matmul",
                hint=did_you_mean(name, known),
            )
        unit = known[name]
        for key, value, most in (("inputs", lanes.inputs, unit.K), ("outputs", lanes.outputs, unit.M)):
            if not 1 <= value <= most:
                raise UserError(f"{key}: {value}", place=place, expected=f"1 to {most} ({key} of unit {name!r})")


def for_row_time(units: Units, pinned: Mapping[str, UnitLanes], cycles: int) -> Parallelism | None:
    """The least lanes with which every unit takes at most `cycles` per row; None where there are none.

    Of equally many multipliers, the fewest input lanes are taken (no tree of sums).
    """
    stream_lanes: dict[int, int] = {}
    for features in sorted({link.features for link in units.links}):
        found = next((w for w in _divisors(features) if features // w <= cycles and _fits(units, pinned, features, w)), 0)
        if not found:
            return None
        stream_lanes[features] = found
    lanes: dict[str, UnitLanes] = {}
    for unit in units.matmuls():
        before, behind = stream_lanes[unit.K], stream_lanes[unit.M]
        choices = [pinned[unit.name]] if unit.name in pinned else _choices(unit, before, behind)
        fitting = (each for each in choices if shape_of(unit.K, unit.M, each, before, behind).step <= cycles)
        least = min(fitting, key=lambda each: (each.inputs * each.outputs, each.inputs), default=None)
        if least is None:
            return None
        lanes[unit.name] = least
    return Parallelism(lanes, stream_lanes)


def slowest_row_time(units: Units, pinned: Mapping[str, UnitLanes]) -> int:
    """A row time that the least parallelism meets: one lane everywhere but where it is pinned."""
    single = {unit.name: pinned.get(unit.name, UnitLanes(1, 1)) for unit in units.matmuls()}
    steps = [shape_of(unit.K, unit.M, single[unit.name], 1, 1).step for unit in units.matmuls()]
    return max([row_floor(units), *(link.features for link in units.links), *steps])


def fastest(
    units: Units, pinned: Mapping[str, UnitLanes], fits: Callable[[Parallelism], bool]
) -> Parallelism | None:
    """The parallelism of the smallest row time that `fits`; None where not even the least parallelism does.

    Bisection: resources are taken to shrink as the row time grows.
    """
    high = slowest_row_time(units, pinned)
    best = for_row_time(units, pinned, high)
    if best is None or not fits(best):
        return None
    low = row_floor(units) - 1
    while high - low > 1:
        middle = (low + high) // 2
        trial = for_row_time(units, pinned, middle)
        if trial is not None and fits(trial):
            best, high = trial, middle
        else:
            low = middle
    return best


def _fits(units: Units, pinned: Mapping[str, UnitLanes], features: int, lanes: int) -> bool:
    """Whether stream lanes divide, or are divided by, the pinned lanes of every unit on such a stream."""
    for unit in units.matmuls():
        if unit.name in pinned:
            mine = pinned[unit.name]
            for size, own in ((unit.K, mine.inputs), (unit.M, mine.outputs)):
                if size == features and own % lanes and lanes % own:
                    return False
    return True


def _choices(unit: Matmul, before: int, behind: int) -> Iterable[UnitLanes]:
    """All lanes worth trying: of those with the same number of blocks, the fewest."""
    ways_out = _block_lanes(unit.M, behind)
    return (UnitLanes(inputs, outputs) for inputs in _block_lanes(unit.K, before) for outputs in ways_out)


def _block_lanes(size: int, stream_lanes: int) -> list[int]:
    """Lane counts 1..size that divide or are divided by `stream_lanes`, the least one for each number of blocks."""
    least: dict[int, int] = {}
    for lanes in range(1, size + 1):
        if lanes % stream_lanes == 0 or stream_lanes % lanes == 0:
            least.setdefault(-(-size // lanes), lanes)
    return list(least.values())


def _divisors(number: int) -> list[int]:
    return [each for each in range(1, number + 1) if number % each == 0]
