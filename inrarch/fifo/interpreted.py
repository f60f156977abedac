"""The inner loop of the simulation in Python, for computers without g++: cpp/network.hpp, number for number."""

from __future__ import annotations

from collections import deque
from itertools import pairwise

import numpy as np

from inrarch.fifo.core import BLOCKED, DEADLOCK, DONE, FINISHED, LAPS, RUNNING, UNFINISHED, Jump, Plans, Position
from inrarch.fifo.pieces import Integers
from inrarch.fifo.plan import PORT_BITS, PORT_MASK

_UNBOUNDED = 1 << 62
_Pattern = tuple[list[int], list[int], int]


class InterpretedCore:
    """`inrarch.fifo.core.Core` in Python."""

    def __init__(self, plans: Plans) -> None:
        self._words = plans.words
        patterns: list[_Pattern] = []
        for begin, length, count, _ in plans.segments.tolist():
            code = plans.code[begin : begin + length]
            patterns.append(((code >> PORT_BITS).tolist(), (code & PORT_MASK).tolist(), count))
        ends = plans.first.tolist()
        self._patterns = [patterns[begin:end] for begin, end in pairwise(ends)]
        self._first = ends

    def reset(self, depths: Integers, lags: Integers, *, figures: bool, keep: bool) -> None:
        """See `Core.reset`."""
        processes, ports = len(self._patterns), 2 * len(self._words)
        self._figures, self._keep = figures, keep
        self._since = 0  # accesses from here on are not before this cycle (after a jump)
        # By process.
        self._segment = [0] * processes
        self._offset = [0] * processes
        self._left = [patterns[0][2] if patterns else 0 for patterns in self._patterns]
        self._time = [-1] * processes
        self._pending = [-1] * processes
        self._state = [RUNNING] * processes
        self._laps: list[list[int]] = [[] for _ in range(processes)]
        # By port: access n >= floor is held up by access n - room of the other end, until `lag` cycles later.
        # times: from access `base` on.
        self._times: list[list[int]] = [[] for _ in range(ports)]
        self._base = [0] * ports
        self._room = [room for depth in depths.tolist() for room in (0, _UNBOUNDED if depth < 0 else depth)]
        self._floor = list(self._room)
        self._lag = [each for lag in lags.tolist() for each in (lag, 1)]
        self._waited = [0] * ports
        self._waiter = [-1] * ports
        self._merged = [0] * ports
        self._high = np.zeros(ports // 2, dtype=np.int64)

    def advance(self, until: int) -> int:
        """See `Core.advance`."""
        queue = deque(number for number, state in enumerate(self._state) if state == RUNNING)
        while queue:
            self._walk(queue.popleft(), until, queue)
        for stream in range(len(self._words)):
            self._look_back(stream)
        if RUNNING in self._state:
            return UNFINISHED
        return DEADLOCK if BLOCKED in self._state else FINISHED

    def _walk(self, number: int, until: int, queue: deque[int]) -> None:
        patterns, segment, at = self._patterns[number], self._segment[number], self._offset[number]
        if segment == len(patterns):
            self._state[number] = DONE
            return
        gaps, ports, _ = patterns[segment]
        all_times, bases, floors, rooms = self._times, self._base, self._floor, self._room
        lags, waited, waiters = self._lag, self._waited, self._waiter
        since = self._since
        time, left, state = self._time[number], self._left[number], RUNNING
        while True:
            port = ports[at]
            mine = all_times[port]
            n = bases[port] + len(mine)
            pending = time + gaps[at]
            made = max(pending, since)
            if n >= floors[port]:
                other = all_times[port ^ 1]
                needed = n - rooms[port] - bases[port ^ 1]
                if needed >= len(other):
                    waiters[port ^ 1] = number
                    state = BLOCKED
                    break
                made = max(made, other[needed] + lags[port])
            if made >= until:
                break
            waited[port] += made - pending
            time = made
            mine.append(time)
            if waiters[port] >= 0:
                self._state[waiters[port]] = RUNNING
                queue.append(waiters[port])
                waiters[port] = -1
            at += 1
            if at == len(ports):
                self._laps[number].append(time)
                at, left = 0, left - 1
                if left == 0:
                    segment += 1
                    if segment == len(patterns):
                        state, pending = DONE, time
                        break
                    gaps, ports, left = patterns[segment]
        self._segment[number], self._offset[number], self._left[number] = segment, at, left
        self._time[number], self._pending[number], self._state[number] = time, pending, state
        del self._laps[number][:-LAPS]

    def _look_back(self, stream: int) -> None:
        """High-water mark of what was made since the last time; forget the accesses that nobody asks for any more."""
        reads, writes = 2 * stream, 2 * stream + 1
        if self._figures:
            before_r, before_w = self._merged[reads], self._merged[writes]
            written = np.array(self._times[writes][before_w - self._base[writes] :], dtype=np.int64)
            freed = np.searchsorted(self._times[reads][before_r - self._base[reads] :], written, side="left")
            held = before_w - before_r + 1 + np.arange(len(written)) - freed
            self._high[stream] = max(self._high[stream], held.max(initial=0))
            self._merged[reads], self._merged[writes] = self._count(reads), self._count(writes)
        if not self._keep:
            self._forget(writes, max(self._count(reads), self._floor[reads]))
            asked = max(self._count(writes), self._floor[writes]) - self._room[writes]
            self._forget(reads, asked if self._room[writes] < _UNBOUNDED else self._count(reads))

    def _count(self, port: int) -> int:
        return self._base[port] + len(self._times[port])

    def _forget(self, port: int, before: int) -> None:
        number = min(before, self._count(port)) - self._base[port]
        if number > 0:
            del self._times[port][:number]
            self._base[port] += number

    def position(self) -> Position:
        """See `Core.position`."""
        segment = np.array(self._segment, dtype=np.int64) + np.array(self._first[:-1], dtype=np.int64)
        rest = (self._offset, self._left, self._time, self._pending, self._state)
        counts = [self._count(port) for port in range(len(self._times))]
        offset, left, time, pending, state, count, waited = (
            np.array(each, dtype=np.int64) for each in (*rest, counts, self._waited)
        )
        return Position(segment, offset, left, time, pending, state, count, waited)

    def high(self) -> Integers:
        """See `Core.high`."""
        return self._high

    def laps(self, process: int) -> Integers:
        """See `Core.laps`."""
        return np.array(self._laps[process], dtype=np.int64)

    def in_flight(self, now: int) -> Integers:
        """See `Core.in_flight`."""
        found = [
            (stream, time + self._lag[2 * stream] - now)
            for stream in range(len(self._words))
            for time in reversed(self._hidden(stream, now))
        ]
        return np.array(found, dtype=np.int64).reshape(-1, 2)

    def _hidden(self, stream: int, now: int) -> list[int]:
        """Cycles of the writes whose words are not visible yet, in order."""
        times, lag = self._times[2 * stream + 1], self._lag[2 * stream]
        unread = max(self._count(2 * stream), self._floor[2 * stream]) - self._base[2 * stream + 1]
        return [time for time in times[unread:] if time + lag > now]

    def jump(self, jump: Jump) -> None:
        """See `Core.jump`."""
        for number in np.flatnonzero(jump.moved).tolist():
            self._offset[number], self._left[number] = int(jump.offset[number]), int(jump.left[number])
            self._time[number] += jump.shift
            self._pending[number] += jump.shift
            self._laps[number].clear()
        self._since = jump.now + jump.shift
        added, waits = jump.added.tolist(), jump.waits.tolist()
        for stream in range(len(self._words)):
            reads, writes = 2 * stream, 2 * stream + 1
            hidden = [time + jump.shift for time in self._hidden(stream, jump.now)]
            nothing: list[int] = []
            for port, times in ((reads, nothing), (writes, hidden)):
                self._base[port] = self._count(port) + added[port] - len(times)
                self._times[port] = times
                self._waited[port] += waits[port]
            self._floor[reads] = self._base[writes]
            if self._room[writes] < _UNBOUNDED:
                self._floor[writes] = max(self._floor[writes], self._base[reads] + self._room[writes])
            self._merged[reads], self._merged[writes] = self._count(reads), self._count(writes)

    def times(self, port: int) -> Integers:
        """See `Core.times`."""
        return np.array(self._times[port], dtype=np.int64)
