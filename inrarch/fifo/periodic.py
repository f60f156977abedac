"""Long runs without unrolling: the periodic regime of a network is recognised exactly, and its periods are left out.

Times of accesses are maxima of sums of other times and constants, so the run is a max-plus linear system; one with
constant coefficients, such as a network whose processes all repeat a pattern, becomes periodic after a finite transient
(Baccelli, Cohen, Olsder, Quadrat: Synchronization and Linearity, 1992, chapter 3: A^(k+c) = (lambda c)
A^k). When is not foretold; it is seen. Let the state at cycle T be what all accesses from T on depend on, once those
before T are made:

* of a process: the next access in its pattern, and in how many cycles it is due (`pending` - T);
* of a stream: how many words it holds, and which of them become visible only after T, and when. (Room that was made
  before T may be used at T. No access after T is before T.)

If the state at T + D equals that at T, then everything after T + D happens as it did after T, D cycles later, until a
process reaches the end of its segment. So m periods may be left out: every position, time, count and sum of waits moves
on by m times what the period from T to T + D added to it.

Two states may also differ in how many words a stream holds (an unbounded FIFO that fills up, a deep one that fills or
drains slowly), if that many words more or fewer hold up nobody: see `_periods`.
"""

from __future__ import annotations

import math

import numpy as np

from inrarch.fifo.core import DONE, RUNNING, UNFINISHED, Core, Jump, Plans, Position
from inrarch.fifo.pieces import Integers

FOREVER = 1 << 62
"""After everything."""
_AT_ONCE = 1 << 20  # accesses after which the distance of two looks at the regime grows no more
_ASKED = 32  # processes whose patterns suggest a period, at each look others


class Watch:
    """A core that is run to its end. first: cycles before the first look at the regime; depths: -1 for unbounded."""

    def __init__(self, core: Core, plans: Plans, depths: Integers, *, first: int) -> None:
        self._core, self._plans, self._first = core, plans, first
        self._depths = np.where(depths < 0, FOREVER, depths)
        self._looks = 0
        self.periods = 0
        """Periods left out so far."""

    def run(self, until: int) -> int:
        """Make all accesses before cycle `until`; says what `Core.advance` says."""
        core, now, start, window = self._core, 0, 0, self._first
        made = 0
        while True:
            now = min(now + window, until)
            status = core.advance(now)
            if status != UNFINISHED or now == until:
                return status
            position = core.position()
            period = self._guess(position, now - start)
            if period and now + period < until:
                total = core.high().copy()
                core.high()[:] = 0
                before, hidden = position, core.in_flight(now)
                now += period
                status = core.advance(now)
                position = core.position()
                jump = None
                if status == UNFINISHED:
                    jump = self._jump(before, hidden, position, core.in_flight(now), now - period, now, until)
                self._note_high(before, position, total, jump)
                if status != UNFINISHED:
                    return status
                if jump:
                    core.jump(jump)
                    now += jump.shift
                    start, window = now, self._first
                    made = int(core.position().count.sum())
                    continue
            count = int(position.count.sum())
            if count - made < _AT_ONCE:
                window = max(window, (now - start) // 2)
            made = count
            due = position.pending[position.state == RUNNING]
            now = max(now, min(int(due.min(initial=FOREVER)), until))

    def _guess(self, position: Position, elapsed: int) -> int:
        """A period that the ends of patterns suggest, or 0."""
        found = set()
        active = np.flatnonzero(position.state != DONE)
        stride = max(1, len(active) // _ASKED)
        self._looks += 1
        for process in active[self._looks % stride :: stride].tolist():
            if self._plans.segments[position.segment[process], 2] > 1:
                found.add(_period_of(self._core.laps(process)))
        found.discard(0)
        if not found:
            return 0
        together = math.lcm(*found)
        return together if together <= elapsed else max(found)

    def _jump(
        self,
        before: Position,
        hidden_before: Integers,
        after: Position,
        hidden: Integers,
        then: int,
        now: int,
        until: int,
    ) -> Jump | None:
        """The jump over as many periods as possible, if the states at `then` and `now` are equal."""
        if not np.array_equal(hidden_before, hidden) or not np.array_equal(before.segment, after.segment):
            return None
        active = after.state != DONE
        segments = self._plans.segments[np.where(active, after.segment, 0)]
        length, count, base = segments[:, 1], segments[:, 2], segments[:, 3]
        at = (count - after.left) * length + after.offset
        step = np.where(active, at - (count - before.left) * length - before.offset, 0)
        moved = step > 0
        if (step % base).any() or not moved.any():
            return None
        if (after.pending - before.pending)[moved].tolist() != [now - then] * int(moved.sum()):
            return None
        if (before.pending > then)[active & ~moved].any():
            return None
        most = int(((length * count - 1 - at)[moved] // step[moved]).min())
        most = min(most, (until - now) // (now - then))
        periods = min(most, self._periods(before, after, hidden))
        if periods <= 0:
            return None
        self.periods += periods
        at = at + periods * step
        return Jump(
            now=now,
            shift=periods * (now - then),
            offset=at % length,
            left=count - at // length,
            moved=moved.astype(np.int64),
            added=periods * (after.count - before.count),
            waits=periods * (after.waited - before.waited),
        )

    def _periods(self, before: Position, after: Position, hidden: Integers) -> int:
        """For how many periods streams that fill or drain hold up nobody; 0 where that is not certain.

        A stream that holds more words at the end of the period: the word of every read was written at least as long ago
        as in the period before, so reads that did not wait will not; writes will not as long as all those of a period
        fit in at its start. One that holds fewer: the other way round.
        """
        added, waited = after.count - before.count, after.waited - before.waited
        reads, writes = added[0::2], added[1::2]
        grown = writes - reads
        changed = grown != 0
        if not changed.any():
            return FOREVER
        if waited[0::2][changed].any() or waited[1::2][changed].any():
            return 0
        held = after.count[1::2] - after.count[0::2]
        visible = held.copy()
        np.subtract.at(visible, hidden[:, 0], 1)
        more, fewer = grown > 0, grown < 0
        room = (self._depths - writes - held)[more] // grown[more] + 1
        words = (visible - reads)[fewer] // -grown[fewer] + 1
        return int(min(room.min(initial=FOREVER), words.min(initial=FOREVER)))

    def _note_high(self, before: Position, after: Position, total: Integers, jump: Jump | None) -> None:
        """High-water marks: those up to now, and those of the last of the periods left out."""
        high = self._core.high()
        if jump:
            high += np.maximum(0, jump.added[1::2] - jump.added[0::2])
        np.maximum(high, total, out=high)


def _period_of(laps: Integers) -> int:
    """The shortest period of the differences over the last half of these times (or the last two periods), or 0."""
    gaps = np.diff(laps)
    number = len(gaps)
    listed = gaps.tolist()
    fallback = 0
    for length in range(1, number // 2 + 1):
        if listed[-1] != listed[-1 - length] or not np.array_equal(gaps[-length:], gaps[-2 * length : -length]):
            continue
        fallback = fallback or length
        reach = max(2 * length, number // 2)
        if np.array_equal(gaps[-reach + length :], gaps[-reach:-length]):
            fallback = length
            break
    return int(laps[-1] - laps[-1 - fallback]) if fallback else 0
