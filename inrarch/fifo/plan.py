"""Schedules sorted and compressed: the chain of a process as segments, each a pattern of accesses that is repeated.

In stage order (pipelined hardware) a loop of N iterations, P stages apart, is periodic between the first access of its
last iteration and the last access of its first one: in every P stages the same accesses in the same order. Between two
stages at which no loop begins, ends, or is not yet (no longer) periodic, a process is therefore one pattern, as long as
the least common multiple of its loops' P, repeated. What is left is unrolled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from inrarch.errors import UserError
from inrarch.fifo.network import Process
from inrarch.fifo.pieces import (
    MAX_UNROLLED,
    Integers,
    TooLongError,
    pieces_in_program_order,
    pieces_in_stage_order,
)
from inrarch.fifo.windows import Block, blocks

PORT_BITS = 24
"""An access is one integer: stages since the access before it x 2^24 + port (2 x stream, + 1 for a write)."""
PORT_MASK = (1 << PORT_BITS) - 1
MAX_GAP = (1 << 39) - 1
"""Most stages between two accesses of a process."""
_SHORTEST = 32  # accesses; shorter patterns are repeated up to this length, so that the inner loop has few ends


@dataclass(frozen=True, slots=True)
class Plan:
    """The chain of one process.

    code: gap x 2^24 + port of every access of every pattern. leaves: of each, the index in `network.leaves`.
    segments: int64 of shape (segments, 4): first access in `code`, length and number of repetitions of the pattern,
    and the length of the shortest pattern of which it is made. rest: stages from the last access to the end.
    """

    code: Integers
    leaves: Integers
    segments: Integers
    rest: int


def in_stage_order(process: Process, streams: Mapping[str, int]) -> Plan:
    """Sorted by stage (stable; reads before writes in a stage): DESIGN.md 7, iterations overlap.

    streams: index of each stream name. Raises UserError where two accesses are more than `MAX_GAP` stages apart, or
    too many would have to be unrolled.
    """
    try:
        return _plan(process, blocks(pieces_in_stage_order(process, streams)))
    except TooLongError as error:
        raise _too_long(process, error) from error


def in_program_order(process: Process, streams: Mapping[str, int]) -> Plan:
    """Iteration after iteration without overlap, one access per cycle; the items of a body by their `at`."""
    found: list[Block] = []
    time = 0
    try:
        pieces = pieces_in_program_order(process, streams)
    except TooLongError as error:
        raise _too_long(process, error) from error
    for piece in pieces:
        rows = piece.rows.copy()
        length = rows.shape[1]
        rows[0] = time + np.arange(length)
        found.append(Block(rows, piece.count, length))
        time += piece.count * length
    return _plan(Process(process.name, process.schedule), found)


Order = Callable[[Process, Mapping[str, int]], Plan]


def _plan(process: Process, parts: list[Block]) -> Plan:
    codes: list[Integers] = []
    leaves: list[Integers] = []
    segments: list[tuple[int, int, int, int]] = []
    size, last = 0, -1

    def emit(rows: Integers, gaps: Integers, count: int, base: int) -> None:
        nonlocal size
        codes.append(gaps << PORT_BITS | rows[1])
        leaves.append(rows[2].astype(np.int32))
        length = len(gaps)
        if count == 1 and segments and segments[-1][2] == 1:
            begin, before, _, _ = segments.pop()
            segments.append((begin, before + length, 1, before + length))
        else:
            segments.append((size, length, count, base))
        size += length

    for block in parts:
        rows, count = block.rows, block.count
        if not rows.shape[1]:
            continue
        gaps = np.diff(rows[0], prepend=last)
        _check(process, int(gaps.max()))
        wrap = block.period - int(rows[0, -1] - rows[0, 0])
        last = int(rows[0, -1]) + (count - 1) * block.period
        if count > 1 and wrap != gaps[0]:
            emit(rows, gaps.copy(), 1, len(gaps))
            gaps[0], count = wrap, count - 1
        base = len(gaps)
        together = min(count, -(-_SHORTEST // base))
        if count // together > 1:
            _check(process, wrap)
            emit(np.tile(rows, together), np.tile(gaps, together), count // together, base)
            count %= together
        if count:
            emit(np.tile(rows, count), np.tile(gaps, count), 1, count * base)
    rest = 0 if process.end is None else max(0, process.end - last)
    table = np.array(segments, dtype=np.int64).reshape(-1, 4)
    empty = np.zeros(0, dtype=np.int64)
    return Plan(np.concatenate([empty, *codes]), np.concatenate([empty, *leaves]), table, rest)


def _check(process: Process, gap: int) -> None:
    if gap > MAX_GAP:
        raise UserError(
            f"process {process.name!r} has accesses {gap:,} stages apart",
            expected=f"at most {MAX_GAP:,}",
        )


def _too_long(process: Process, error: TooLongError) -> UserError:
    return UserError(
        f"process {process.name!r} makes {error.args[0]:,} accesses without repeating itself",
        expected=f"at most {MAX_UNROLLED:,}, or loops with the same `every`, of fewer accesses per iteration",
        hint="describe fewer rows",
    )
