"""Lanes of units and streams: the smallest row time whose resources fit the board, with the least lanes that meet it.

A matmul unit with PI input and PO output lanes takes ceil(M/PO) slots per row, one per group of PO outputs, each of
max(ceil(K/PI), tokens per group) cycles. Stream lanes w are equal for equal numbers of features F (then regions can
read several streams): the least divisor of F with F/w <= row time. Lanes of a unit and of its streams divide one
another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from inrarch.config.model import Lanes
from inrarch.dataflow.resources import Cost, excess
from inrarch.dataflow.units import Matmul, Sink, Source, Units
from inrarch.errors import UserError, did_you_mean


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything that follows from the lanes of a matmul unit and of its streams.

    blocks_in: KB, cycles of products per group. blocks_out: MB, groups per row. slot: cycles per group. reads: tokens
    read per row. tokens_per_group, tokens_last: written after a group, after the last one; groups_per_token: groups
    that fill a token (1 where a group fills several). step: T, cycles per row.
    """

    blocks_in: int
    blocks_out: int
    slot: int
    reads: int
    tokens_per_group: int
    tokens_last: int
    groups_per_token: int
    step: int


@dataclass(frozen=True, slots=True)
class Parallelism:
    """lanes: of each matmul unit. stream_lanes: features per token, by the number of features of a row."""

    lanes: Mapping[str, Lanes]
    stream_lanes: Mapping[int, int]

    def shape(self, unit: Matmul) -> Shape:
        """The cycle structure of a unit."""
        lanes = self.lanes[unit.name]
        return shape_of(unit.K, unit.M, lanes, self.stream_lanes[unit.K], self.stream_lanes[unit.M])


def shape_of(K: int, M: int, lanes: Lanes, lanes_before: int, lanes_behind: int) -> Shape:
    """Cycle structure of a [K, M] product with these lanes of the unit and of the streams before and behind it."""
    blocks_in, blocks_out = -(-K // lanes.inputs), -(-M // lanes.outputs)
    tokens = max(1, lanes.outputs // lanes_behind)
    groups = max(1, lanes_behind // lanes.outputs)
    last = M // lanes_behind - (blocks_out // groups - 1) * tokens
    slot = max(blocks_in, tokens)
    reads = K // lanes_before
    return Shape(blocks_in, blocks_out, slot, reads, tokens, last, groups, max(reads, blocks_out * slot))


def row_floor(units: Units) -> int:
    """Cycles per row that the AXI ports need: one word per cycle of each input feature and each output."""
    ports = [unit.features for unit in units.units if isinstance(unit, Source)]
    ports += [unit.features * len(unit.outputs) for unit in units.units if isinstance(unit, Sink)]
    return max(ports)


def check_pinned(units: Units, pinned: Mapping[str, Lanes]) -> None:
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


def for_row_time(units: Units, pinned: Mapping[str, Lanes], cycles: int) -> Parallelism | None:
    """The least lanes with which every unit takes at most `cycles` per row; None where there are none.

    Of equally many multipliers, the squarest arrangement is taken: the fewest operands to move and sums to keep.
    """
    stream_lanes: dict[int, int] = {}
    for features in sorted({link.features for link in units.links}):
        enough = (w for w in _divisors(features) if features // w <= cycles)
        least_width = next((w for w in enough if _fits(units, pinned, features, w)), None)
        if least_width is None:
            return None
        stream_lanes[features] = least_width
    lanes: dict[str, Lanes] = {}
    for unit in units.matmuls():
        before, behind = stream_lanes[unit.K], stream_lanes[unit.M]
        if unit.name in pinned:
            step = shape_of(unit.K, unit.M, pinned[unit.name], before, behind).step
            least = pinned[unit.name] if step <= cycles else None
        else:
            least = next((each for step, each in _frontier(unit.K, unit.M, before, behind) if step <= cycles), None)
        if least is None:
            return None
        lanes[unit.name] = least
    return Parallelism(lanes, stream_lanes)


def slowest_row_time(units: Units, pinned: Mapping[str, Lanes]) -> int:
    """A row time that the least parallelism meets: one lane everywhere but where it is pinned."""
    single = {unit.name: pinned.get(unit.name, Lanes(1, 1)) for unit in units.matmuls()}
    steps = [shape_of(unit.K, unit.M, single[unit.name], 1, 1).step for unit in units.matmuls()]
    return max([row_floor(units), *(link.features for link in units.links), *steps])


def fastest(
    units: Units, pinned: Mapping[str, Lanes], cost: Callable[[Parallelism], Cost], budget: Cost
) -> Parallelism | None:
    """The parallelism of the smallest row time within the budget; None where there is none.

    Multipliers shrink as the row time grows, so the row time that they allow is found by bisection. Memories do not
    always shrink (more lanes make shallower words, which may fit into LUTs), so from there on every row time at which
    lanes change is tried.
    """
    low, high = row_floor(units) - 1, slowest_row_time(units, pinned)
    while high - low > 1:
        middle = (low + high) // 2
        trial = for_row_time(units, pinned, middle)
        if trial is not None and cost(trial).dsp <= budget.dsp:
            high = middle
        else:
            low = middle
    cycles: int | None = high
    while cycles is not None:
        trial = for_row_time(units, pinned, cycles)
        if trial is not None and not excess(cost(trial), budget):
            return trial
        cycles = _next_row_time(units, pinned, trial, cycles)
    return None


def _next_row_time(units: Units, pinned: Mapping[str, Lanes], current: Parallelism | None, cycles: int) -> int | None:
    """The next larger row time that needs other lanes of a unit or stream."""
    steps = [features // w for features in {link.features for link in units.links} for w in _divisors(features)]
    steps.append(slowest_row_time(units, pinned))
    if current is not None:
        for unit in units.matmuls():
            if unit.name not in pinned:
                widths = current.stream_lanes
                steps += [step for step, _ in _frontier(unit.K, unit.M, widths[unit.K], widths[unit.M])]
    return min((step for step in steps if step > cycles), default=None)


def _fits(units: Units, pinned: Mapping[str, Lanes], features: int, lanes: int) -> bool:
    """Whether stream lanes divide, or are divided by, the pinned lanes of every unit on such a stream."""
    for unit in units.matmuls():
        if unit.name in pinned:
            mine = pinned[unit.name]
            for size, own in ((unit.K, mine.inputs), (unit.M, mine.outputs)):
                if size == features and own % lanes and lanes % own:
                    return False
    return True


@cache
def _frontier(K: int, M: int, before: int, behind: int) -> tuple[tuple[int, Lanes], ...]:
    """(step, lanes) by rising number of multipliers, each with a smaller step than all before it."""
    choices = [Lanes(i, o) for i in _block_lanes(K, before) for o in _block_lanes(M, behind)]
    found: list[tuple[int, Lanes]] = []
    for lanes in sorted(choices, key=_size):
        step = shape_of(K, M, lanes, before, behind).step
        if not found or step < found[-1][0]:
            found.append((step, lanes))
    return tuple(found)


def _size(lanes: Lanes) -> tuple[int, int, int]:
    return lanes.inputs * lanes.outputs, lanes.inputs + lanes.outputs, lanes.outputs


def _block_lanes(size: int, stream_lanes: int) -> list[int]:
    """Lane counts 1..size that divide or are divided by `stream_lanes`, the least one for each number of blocks."""
    least: dict[int, int] = {}
    for lanes in range(1, size + 1):
        if lanes % stream_lanes == 0 or stream_lanes % lanes == 0:
            least.setdefault(-(-size // lanes), lanes)
    return list(least.values())


def _divisors(number: int) -> list[int]:
    return [each for each in range(1, number + 1) if number % each == 0]
