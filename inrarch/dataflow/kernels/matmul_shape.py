"""The cycle structure of a matmul unit, and the arrangements of lanes that are worth having.

A unit with PI input and PO output lanes takes ceil(M/PO) slots per row, one per group of PO outputs, each of
max(ceil(K/PI), tokens per group) cycles. Lanes of a unit and of its streams divide one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from inrarch.config.model import Lanes
from inrarch.dataflow.several import larger


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
    tokens = larger(1, lanes.outputs // lanes_behind)
    groups = larger(1, lanes_behind // lanes.outputs)
    last = M // lanes_behind - (blocks_out // groups - 1) * tokens
    slot = larger(blocks_in, tokens)
    reads = K // lanes_before
    return Shape(blocks_in, blocks_out, slot, reads, tokens, last, groups, larger(reads, blocks_out * slot))


@cache
def frontier(K: int, M: int, before: int, behind: int) -> tuple[tuple[int, Lanes], ...]:
    """(step, lanes) by rising number of multipliers, each with a smaller step than all before it.

    Of equally many multipliers, the squarest arrangement comes first: the fewest operands to move and sums to keep.
    """
    inputs, outputs = (np.array(block_lanes(size, width)) for size, width in ((K, before), (M, behind)))
    inputs, outputs = (each.ravel() for each in np.meshgrid(inputs, outputs))
    slot = np.maximum(-(-K // inputs), np.maximum(1, outputs // behind))
    steps = np.maximum(K // before, -(-M // outputs) * slot)
    order = np.lexsort((outputs, inputs + outputs, inputs * outputs))
    steps = steps[order]
    earlier = np.minimum.accumulate(np.concatenate(([steps[0] + 1], steps[:-1])))
    faster = order[steps < earlier]
    return tuple(
        (step, Lanes(i, o))
        for step, i, o in zip(
            steps[steps < earlier].tolist(), inputs[faster].tolist(), outputs[faster].tolist(), strict=True
        )
    )


@cache
def block_lanes(size: int, stream_lanes: int) -> tuple[int, ...]:
    """Lane counts 1..size that divide or are divided by `stream_lanes`, the least one for each number of blocks."""
    least: dict[int, int] = {}
    for lanes in range(1, size + 1):
        if lanes % stream_lanes == 0 or stream_lanes % lanes == 0:
            least.setdefault(-(-size // lanes), lanes)
    return tuple(least.values())
