"""The cycle structure of a matmul unit, and the arrangements of lanes that are worth having.

A unit with PI input and PO output lanes takes ceil(M/PO) slots per row, one per group of PO outputs, each of
max(ceil(K/PI), tokens per group) cycles. Lanes of a unit and of its streams divide one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from inrarch.config.model import Lanes


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


def shape_of(K: int, M: int, lanes: Lanes, lanes_before: int, lanes_behind: int) -> Shape:
    """Cycle structure of a [K, M] product with these lanes of the unit and of the streams before and behind it."""
    blocks_in, blocks_out = -(-K // lanes.inputs), -(-M // lanes.outputs)
    tokens = max(1, lanes.outputs // lanes_behind)
    groups = max(1, lanes_behind // lanes.outputs)
    last = M // lanes_behind - (blocks_out // groups - 1) * tokens
    slot = max(blocks_in, tokens)
    reads = K // lanes_before
    return Shape(blocks_in, blocks_out, slot, reads, tokens, last, groups, max(reads, blocks_out * slot))


@cache
def frontier(K: int, M: int, before: int, behind: int) -> tuple[tuple[int, Lanes], ...]:
    """(step, lanes) by rising number of multipliers, each with a smaller step than all before it.

    Of equally many multipliers, the squarest arrangement comes first: the fewest operands to move and sums to keep.
    """
    choices = [Lanes(i, o) for i in block_lanes(K, before) for o in block_lanes(M, behind)]
    found: list[tuple[int, Lanes]] = []
    for lanes in sorted(choices, key=_size):
        step = shape_of(K, M, lanes, before, behind).step
        if not found or step < found[-1][0]:
            found.append((step, lanes))
    return tuple(found)


def _size(lanes: Lanes) -> tuple[int, int, int]:
    return lanes.inputs * lanes.outputs, lanes.inputs + lanes.outputs, lanes.outputs


def block_lanes(size: int, stream_lanes: int) -> list[int]:
    """Lane counts 1..size that divide or are divided by `stream_lanes`, the least one for each number of blocks."""
    least: dict[int, int] = {}
    for lanes in range(1, size + 1):
        if lanes % stream_lanes == 0 or stream_lanes % lanes == 0:
            least.setdefault(-(-size // lanes), lanes)
    return list(least.values())
