"""Packing of uneven outputs into equal lanes: which lane works at which output when, none longer than it must be.

An output is a run of blocks that one lane at a time works at, one block per cycle. The lanes are filled in two ways:

1. Outputs in their order, each to the lane with the least to do (list scheduling: Graham, "Bounds on multiprocessing
   timing anomalies", 1969), while every lane keeps room for the longest one after it. So results come about in order.
2. The rest by the wrap-around rule (McNaughton, "Scheduling with deadlines and loss functions", 1959): an output that
   does not fit into a lane is finished there, and begun at the front of the room of the next lane. As each room is as
   long as the longest of these, the beginning is over before the end begins.

So every horizon h with h >= the longest output and lanes * h >= all blocks is met: the optimum with interruptions.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple


class Piece(NamedTuple):
    """Blocks [block, block + length) of an output, in cycles [start, start + length) of a lane.

    begins: it has the first block. ends: it has the last one. A piece that does not begin its output goes on with the
    sum that the next lane (lane + 1) has left.
    """

    output: int
    start: int
    block: int
    length: int
    begins: bool
    ends: bool


def pack(blocks: Sequence[int], lanes: int, horizon: int) -> list[list[Piece]]:
    """The pieces of every lane, by time. blocks: >= 1 by output, in the order in which results are wanted.

    ValueError where the horizon is shorter than the longest output or has too little room.
    """
    longest = max(blocks, default=0)
    if horizon < longest or lanes * horizon < sum(blocks):
        raise ValueError(f"{sum(blocks)} blocks, {longest} in one output, do not fit {lanes} x {horizon}")
    program: list[list[Piece]] = [[] for _ in range(lanes)]
    queue = [(0, lane) for lane in range(lanes)]
    behind = [*accumulate(reversed(blocks[1:]), max, initial=0)][::-1]  # the longest of the outputs after each
    output = 0
    while output < len(blocks) and queue[0][0] + blocks[output] + behind[output] <= horizon:
        load, lane = queue[0]
        program[lane].append(_whole(output, load, blocks[output]))
        heapq.heapreplace(queue, (load + blocks[output], lane))
        output += 1
    loads = [load for load, _ in sorted(queue, key=lambda entry: entry[1])]
    lane, at = 0, loads[0] if loads else 0
    for rest, length in enumerate(blocks[output:], output):
        if at == horizon:
            lane += 1
            at = loads[lane]
        room = horizon - at
        if length <= room:
            program[lane].append(_whole(rest, at, length))
            at += length
            continue
        before = length - room
        program[lane].append(Piece(rest, at, before, room, begins=False, ends=True))
        lane += 1
        program[lane].append(Piece(rest, loads[lane], 0, before, begins=True, ends=False))
        at = loads[lane] + before
    return program


def _whole(output: int, start: int, length: int) -> Piece:
    return Piece(output, start, 0, length, begins=True, ends=True)
