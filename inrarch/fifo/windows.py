"""Loops that overlap, sorted by stage and cut into blocks that repeat (`inrarch.fifo.plan`)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from inrarch.fifo.pieces import Integers, Piece, repeated

_WORTH = 64  # accesses; a loop that would save fewer is unrolled


@dataclass(frozen=True, slots=True)
class Block:
    """rows: (stage, port, leaf) of every access of the first repetition, sorted. period: stages between repetitions."""

    rows: Integers
    count: int
    period: int


@dataclass(frozen=True, slots=True)
class _Loop:
    """A piece that is worth to be kept as a loop. order: its place in the text. low, high: stages of its body."""

    order: int
    piece: Piece
    low: int
    high: int

    @property
    def end(self) -> int:
        """First stage after its last access."""
        return self.high + (self.piece.count - 1) * self.piece.every + 1

    @property
    def steady(self) -> tuple[int, int]:
        """The stages in which it is periodic (a half-open range, perhaps empty)."""
        return self.high, self.low + (self.piece.count - 1) * self.piece.every + 1

    def rows(self, begin: int, end: int) -> Integers:
        """Its accesses in stages `begin` to `end` - 1, in the order of the text; a fourth row is its place."""
        every = self.piece.every
        first = max(0, -((self.high - begin) // every))
        last = min(self.piece.count - 1, (end - 1 - self.low) // every)
        rows = repeated(self.piece.rows, max(0, last - first + 1), every, first * every)
        rows = rows[:, (rows[0] >= begin) & (rows[0] < end)]
        return np.vstack([rows, np.full(rows.shape[1], self.order, dtype=np.int64)])


def blocks(pieces: list[Piece]) -> list[Block]:
    """All accesses sorted by stage; in a stage reads before writes, then as in the text."""
    loops: list[_Loop] = []
    short: list[Integers] = [np.zeros((4, 0), dtype=np.int64)]
    for order, piece in enumerate(pieces):
        loop = _loop(order, piece)
        if loop:
            loops.append(loop)
        else:
            rows = repeated(piece.rows, piece.count, piece.every, 0)
            short.append(np.vstack([rows, np.full(rows.shape[1], order, dtype=np.int64)]))
    unrolled = _sorted(np.concatenate(short, axis=1))
    found: list[Block] = []
    for begin, end, period in _windows(loops, unrolled[0]):
        part = unrolled[:, slice(*np.searchsorted(unrolled[0], [begin, end]))]
        count = (end - begin) // period if period else 1
        if count > 1:
            found.append(Block(_between(loops, part, begin, begin + period), count, period))
            begin += count * period
        if begin < end:
            found.append(Block(_between(loops, part, begin, end), 1, end - begin))
    return found


def _loop(order: int, piece: Piece) -> _Loop | None:
    if piece.count < 3 or not piece.every or piece.count * piece.rows.shape[1] < _WORTH:
        return None
    loop = _Loop(order, piece, int(piece.rows[0].min()), int(piece.rows[0].max()))
    begin, end = loop.steady
    return loop if end - begin >= 2 * piece.every else None


def _windows(loops: list[_Loop], single: Integers) -> list[tuple[int, int, int]]:
    """(first stage, stage after the last, period or 0 where there is none) of everything that happens, in order."""
    cuts = {stage for loop in loops for stage in (loop.low, loop.end, *loop.steady)}
    if len(single):  # runs of single accesses, as far as nothing that repeats could lie between them
        gap = max((2 * loop.piece.every for loop in loops), default=1 << 62)
        breaks = np.flatnonzero(np.diff(single) > gap)
        starts, ends = single[np.r_[0, breaks + 1]], single[np.r_[breaks, len(single) - 1]] + 1
        cuts |= {*starts.tolist(), *ends.tolist()}
    else:
        starts = ends = single
    found: list[tuple[int, int, int]] = []
    edges = sorted(cuts)
    for begin, end in pairwise(edges):
        run = int(np.searchsorted(starts, begin, side="right")) - 1
        busy = run >= 0 and begin < ends[run]
        active = [loop for loop in loops if loop.low < end and begin < loop.end]
        if not busy and not active:
            continue
        period = 0
        if not busy and all(loop.steady[0] <= begin and end <= loop.steady[1] for loop in active):
            period = math.lcm(*(loop.piece.every for loop in active))
            period = period if 2 * period <= end - begin else 0
        if found and found[-1][1] == begin and not period and not found[-1][2]:
            begin = found.pop()[0]
        found.append((begin, end, period))
    return found


def _between(loops: list[_Loop], single: Integers, begin: int, end: int) -> Integers:
    part = single[:, slice(*np.searchsorted(single[0], [begin, end]))]
    mine = [loop.rows(begin, end) for loop in loops if loop.low < end and begin < loop.end]
    return _sorted(np.concatenate([part, *mine], axis=1))[:3] if mine else part[:3]


def _sorted(rows: Integers) -> Integers:
    return rows[:, np.lexsort((rows[3], 2 * rows[0] + (rows[1] & 1)))]
