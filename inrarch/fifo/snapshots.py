"""A bound from single cycles: where all processes can stand then, and what the streams between them hold.

Let n be the number of accesses that a process has made by the end of some cycle. The earliest and the latest schedule
(`bounds.py`) say between which numbers it lies in every run of few enough cycles. A stream from p to q then holds

    writes(n_p) - reads(n_q), at least 0 and at most its depth.

Both counts are stairs. Between the bounds of n, the edges of their convex hulls are lines below and above them
(`hull.py`), so good depths and the numbers of any run that they allow satisfy a linear program: these two rules for
every stream, for a number of cycles that share the depths, and an n that does not fall from one cycle to the next.
Its optimum is therefore a certified lower bound. Where words wait on their way is left to the program, so the streams
of a path share what the whole path must hold; what processes hold themselves is the difference of their counts.
Nothing has to repeat.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import numpy as np

from inrarch.fifo.bounds import Windows
from inrarch.fifo.chains import Chains, Times
from inrarch.fifo.highs import Linear, whole
from inrarch.fifo.hull import Line, lines_below
from inrarch.fifo.objective import Objective

FIRST, MOST = 8, 64
"""Cycles that are looked at: so many, then twice as many as long as the bound rises by 1/`RISE`."""
RISE = 1000
_SPLITS = 3  # of a hull
_GOLDEN = 0.6180339887498949  # multiples of it, modulo 1, are spread evenly however many there are (Weyl)


@dataclass(frozen=True, slots=True)
class _Count:
    """Accesses of a port at one cycle: lines below and above them, of its process's n less the least n.

    least, most: at the bounds of n. above: of the count with its sign changed.
    """

    least: int
    most: int
    below: list[Line]
    above: list[Line]


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """One cycle. low, high: least and most n of each process. counts: by port; None where a stream needs no rule."""

    low: list[int]
    high: list[int]
    counts: list[_Count | None]


class Snapshots:
    """The program of one network, of as many cycles as have been added."""

    def __init__(self, chains: Chains, bounds: Windows) -> None:
        self._chains, self._bounds = chains, bounds
        self._taken: dict[int, _Snapshot] = {}

    def spread(self, count: int) -> None:
        """Add cycles until there are `count`, spread over the run, or all of the run."""
        for number in range(1, count + 1):
            cycle = int(number * _GOLDEN % 1.0 * self._bounds.cycles)
            if cycle not in self._taken:
                self._taken[cycle] = self._at(cycle)

    def bound(self, goal: Objective, seconds: float | None = None) -> tuple[int, dict[str, int] | None]:
        """No good depths cost less than this, 0 where time runs out; the program's depths, which may be good."""
        program = Linear()
        least, most = self._bounds.least, self._bounds.most
        depths = [goal.column(program, name, least[name], most[name]) for name in least]
        before: dict[int, tuple[int, int]] = {}
        for _, taken in sorted(self._taken.items()):
            numbers = _Numbers(program, taken, before)
            for stream, depth in enumerate(depths):
                writes, reads = taken.counts[2 * stream + 1], taken.counts[2 * stream]
                if writes is None or reads is None:
                    continue
                p, q = (self._chains.owner[2 * stream + end] for end in (1, 0))
                # Words written are no more than words read and the depth; words read no more than words written.
                if writes.most - reads.least > least[self._chains.network.streams[stream].name]:
                    _sum_below(program, numbers.of(p), writes.below, numbers.of(q), reads.above, depth)
                if reads.most > writes.least:
                    _sum_below(program, numbers.of(p), writes.above, numbers.of(q), reads.below, None)
        bound, columns = program.solve(seconds)
        if columns is None:
            return whole(bound), None
        # A depth that is whole but for the solver's tolerance is not rounded up.
        return whole(bound), {name: ceil(columns[depth] - 1e-6) for name, depth in zip(least, depths, strict=True)}

    def _at(self, cycle: int) -> _Snapshot:
        done = [self._made(times, cycle) for times in (self._bounds.latest, self._bounds.earliest)]
        owner, processes = self._chains.owner, len(self._chains.port)
        low, high = ([0] * processes for _ in done)
        for port, process in enumerate(owner):
            low[process] += done[0][port]
            high[process] += done[1][port]
        counts: list[_Count | None] = []
        for number, stream in enumerate(self._chains.network.streams):
            read, write = 2 * number, 2 * number + 1
            ends = {owner[read], owner[write]}
            settled = done[1][write] - done[0][read] <= self._bounds.least[stream.name]
            if len(ends) == 1 or (settled and all(low[end] == high[end] for end in ends)):
                counts += [None, None]
                continue
            counts += [
                self._count(port, low[owner[port]], high[owner[port]], done[0][port], done[1][port])
                for port in (read, write)
            ]
        return _Snapshot(low, high, counts)

    def _made(self, times: Times, cycle: int) -> list[int]:
        """Accesses by the end of a cycle, by port."""
        return [
            int(np.searchsorted(each, cycle, side="right"))
            for stream in self._chains.network.streams
            for each in reversed(times[stream.name])
        ]

    def _count(self, port: int, low: int, high: int, least: int, most: int) -> _Count:
        places = self._chains.places[port][least:most] - low
        numbers = np.arange(least, most, dtype=np.int64)
        below = _corners((0, least), (places, numbers), (high - low, most))
        above = _corners((0, least), (places + 1, numbers + 1), (high - low, most))
        return _Count(least, most, lines_below(below[0], below[1], _SPLITS), lines_below(above[0], -above[1], _SPLITS))


class _Numbers:
    """The columns n of one cycle, less the least n; `before`: column and least n of an earlier cycle, by process."""

    def __init__(self, program: Linear, taken: _Snapshot, before: dict[int, tuple[int, int]]) -> None:
        self._program, self._taken, self._before = program, taken, before
        self._columns: dict[int, int] = {}

    def of(self, process: int) -> int:
        if process not in self._columns:
            low = self._taken.low[process]
            column = self._columns[process] = self._program.column(0, 0, self._taken.high[process] - low)
            if process in self._before:
                earlier, least = self._before[process]
                self._program.row({column: 1, earlier: -1}, least - low)
            self._before[process] = (column, low)
        return self._columns[process]


def spread_bound(
    snapshots: Snapshots, goal: Objective, seconds: Callable[[], float | None]
) -> tuple[int, list[dict[str, int]]]:
    """The bound of `FIRST` cycles, or of twice as many while that helps; depths that may be good, the last first.

    seconds: for the next program.
    """
    count, bound = FIRST, 0
    guesses: list[dict[str, int]] = []
    while count <= MOST:
        snapshots.spread(count)
        before = bound
        found, depths = snapshots.bound(goal, seconds())
        bound = max(bound, found)
        guesses = guesses if depths is None else [depths, *guesses]
        if RISE * (bound - before) <= bound:
            break
        count *= 2
    return bound, guesses


def _corners(
    first: tuple[int, int], inner: tuple[np.ndarray, np.ndarray], last: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Corners of a stair, x increasing."""
    x, y = (np.concatenate([[first[axis]], inner[axis], [last[axis]]]) for axis in (0, 1))
    new = np.diff(x, prepend=-1) > 0
    return x[new], y[new]


def _sum_below(program: Linear, p: int, mine: list[Line], q: int, other: list[Line], limit: int | None) -> None:
    """Require that the most of `mine` at p, + that of `other` at q, is at most column `limit`, or 0 without."""
    right = {} if limit is None else {limit: 1.0}
    if len(mine) * len(other) <= len(mine) + len(other) + 1:
        for slope, at_zero in mine:
            for another, also in other:
                program.row({**right, p: -slope, q: -another}, at_zero + also)
        return
    program.row({**right, program.above(p, mine): -1.0, program.above(q, other): -1.0}, 0)
