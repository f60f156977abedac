"""The cycle structure of a matmul unit, and the arrangements of lanes that are worth having.

A unit with PI input, PO output and PC coefficient lanes has KB = ceil(K/PI) blocks of inputs, MB = ceil(M/PO) groups of
outputs and CB = ceil(C/PC) blocks of coefficients. A row takes MB slots, one per group; in a slot, each block of inputs
is multiplied for CB cycles, one per block of coefficients. Lanes of a unit and of its streams divide one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from inrarch.config.model import Lanes
from inrarch.dataflow.several import Count, larger


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything that follows from the lanes of a matmul unit and of its streams.

    blocks_in: KB * CB, cycles of products per group. blocks_out: MB, groups per row. slot: cycles per group. reads:
    tokens read per row. tokens_per_group, tokens_last: written after a group, after the last one; groups_per_token:
    groups that fill a token (1 where a group fills several). step: T, cycles per row. Arrays where it is that of
    several arrangements at once.
    """

    blocks_in: int
    blocks_out: int
    slot: int
    reads: int
    tokens_per_group: int
    tokens_last: int
    groups_per_token: int
    step: int


def shape_of(K: int, M: int, C: int, lanes: Lanes, lanes_before: Count, lanes_behind: Count) -> Shape:
    """Cycle structure of [K, M] products of C coefficients, with these lanes of the unit and of the streams around it.

    The results of a group replace those of the one before it in its last CB cycles: these have been written by then.
    """
    coefficient_blocks = -(-C // (C if lanes.coefficients is None else lanes.coefficients))
    blocks_in, blocks_out = -(-K // lanes.inputs) * coefficient_blocks, -(-M // lanes.outputs)
    tokens = larger(1, lanes.outputs // lanes_behind)
    groups = larger(1, lanes_behind // lanes.outputs)
    last = M // lanes_behind - (blocks_out // groups - 1) * tokens
    slot = larger(blocks_in, tokens + coefficient_blocks - 1)
    reads = K // lanes_before
    return Shape(blocks_in, blocks_out, slot, reads, tokens, last, groups, larger(reads, blocks_out * slot))


@cache
def choices(K: int, M: int, C: int, before: int, behind: int) -> tuple[tuple[int, Lanes], ...]:
    """(step, lanes) by falling step: what needs the fewest multipliers, in turns and without any.

    Turns of coefficients may save multipliers; they never save registers or multiplexers.
    """
    found = {*frontier(K, M, C, (C,), before, behind), *frontier(K, M, C, block_lanes(C, 1), before, behind)}
    return tuple(sorted(found, key=lambda each: (-each[0], *_order(each[1]))))


def frontier(K: int, M: int, C: int, at_once: tuple[int, ...], before: int, behind: int) -> list[tuple[int, Lanes]]:
    """(step, lanes) by rising number of multipliers, each with a smaller step than all before it.

    Of equally many multipliers, the arrangement with the most coefficients at the same time comes first, then the
    squarest: the fewest operands to choose among, operands to move and sums to keep. at_once: lanes over coefficients.
    """
    ways = (block_lanes(K, before), block_lanes(M, behind), at_once)
    inputs, outputs, coefficients = (each.ravel() for each in np.meshgrid(*map(np.array, ways)))
    blocks = -(-C // coefficients)
    slot = np.maximum(-(-K // inputs) * blocks, np.maximum(1, outputs // behind) + blocks - 1)
    steps = np.maximum(K // before, -(-M // outputs) * slot)
    order = np.lexsort(tuple(reversed(_order(Lanes(inputs, outputs, coefficients)))))
    steps = steps[order]
    earlier = np.minimum.accumulate(np.concatenate(([steps[0] + 1], steps[:-1])))
    faster = order[steps < earlier]
    lanes = zip(inputs[faster].tolist(), outputs[faster].tolist(), coefficients[faster].tolist(), strict=True)
    return [(step, Lanes(*each)) for step, each in zip(steps[steps < earlier].tolist(), lanes, strict=True)]


def _order(lanes: Lanes) -> tuple[Any, ...]:
    """The smaller, the better."""
    inputs, outputs, coefficients = lanes.inputs, lanes.outputs, lanes.coefficients
    assert coefficients is not None
    return inputs * outputs * coefficients, -coefficients, inputs + outputs, outputs


@cache
def block_lanes(size: int, stream_lanes: int) -> tuple[int, ...]:
    """Lane counts 1..size that divide or are divided by `stream_lanes`, the least one for each number of blocks."""
    least: dict[int, int] = {}
    for lanes in range(1, size + 1):
        if lanes % stream_lanes == 0 or stream_lanes % lanes == 0:
            least.setdefault(-(-size // lanes), lanes)
    return tuple(least.values())
