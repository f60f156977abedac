"""What the simulation asks of its inner loop, which is there twice: `native` (C++) and `interpreted` (Python)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from inrarch.fifo.pieces import Integers
from inrarch.fifo.plan import Plan

UNFINISHED, FINISHED, DEADLOCK = 0, 1, 2
"""What `Core.advance` says."""
RUNNING, BLOCKED, DONE = 0, 1, 2
"""State of a process; blocked: by an access that the other end has not made yet."""
LAPS = 1024
"""How many ends of a pattern are remembered per process."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a network stands after all accesses before some cycle. Copies, int64.

    By process: segment (of its plan), offset (in the pattern), left (repetitions, with this one), time (of its last
    access; -1 before it), pending (cycle of its next access if nothing holds it up), state.
    By port (2 x stream, + 1 for a write): count (accesses made), waited (cycles waited for them).
    """

    segment: Integers
    offset: Integers
    left: Integers
    time: Integers
    pending: Integers
    state: Integers
    count: Integers
    waited: Integers


@dataclass(frozen=True, slots=True)
class Jump:
    """Periods left out: from `now`, everything goes on `shift` cycles later.

    By process: new offset and left, and whether it moves in a period (1, 0). By port: accesses and waits to add.
    """

    now: int
    shift: int
    offset: Integers
    left: Integers
    moved: Integers
    added: Integers
    waits: Integers


class Core(Protocol):
    """Walks all processes of one network in one order of accesses."""

    def reset(self, depths: Integers, lags: Integers, *, figures: bool, keep: bool) -> None:
        """Back to the start. By stream: depths (-1: unbounded), lags (RAW latency).

        figures: high-water marks are wanted. keep: the cycles of all accesses are (`times`).
        """

    def advance(self, until: int) -> int:
        """Make all accesses before cycle `until`: UNFINISHED, FINISHED or DEADLOCK."""

    def position(self) -> Position:
        """Where it stands."""

    def high(self) -> Integers:
        """Most words held so far by each stream; may be written to. A view."""

    def laps(self, process: int) -> Integers:
        """Cycles at which patterns of a process ended since the start or the last jump; the last `LAPS` of them."""

    def in_flight(self, now: int) -> Integers:
        """Words not visible yet at cycle `now`, after `advance(now)`: rows (stream, cycles until then)."""

    def jump(self, jump: Jump) -> None:
        """Leave periods out."""

    def times(self, port: int) -> Integers:
        """Cycles of all accesses of a port, after a run with `keep`."""


@dataclass(frozen=True, slots=True)
class Plans:
    """The plans of all processes side by side, as the C++ wants them. words: through each stream.

    first: of each process the number of its first segment, and in the end the number of all segments.
    """

    code: Integers
    segments: Integers
    first: Integers
    words: Integers

    @staticmethod
    def of(plans: Sequence[Plan], words: Sequence[int]) -> Plans:
        """Joined; segments then begin where they are in `code`."""
        segments, first, size = [np.zeros((0, 4), dtype=np.int64)], [0], 0
        for plan in plans:
            segments.append(plan.segments + np.array([size, 0, 0, 0], dtype=np.int64))
            first.append(first[-1] + len(plan.segments))
            size += len(plan.code)
        code = np.concatenate([np.zeros(0, dtype=np.int64), *(plan.code for plan in plans)])
        return Plans(code, np.concatenate(segments), np.array(first, dtype=np.int64), np.array(words, dtype=np.int64))
