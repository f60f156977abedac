"""What the program of a network of one frame is made of: what each stream holds, and the delays of each process."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inrarch.fifo.bounds import Windows
from inrarch.fifo.chains import Chains
from inrarch.fifo.pieces import Integers


@dataclass(frozen=True, slots=True)
class Link:
    """A stream: its processes, words per frame, F(x) at x = 0 ... P - 1, and X.

    registers: whether X is one more for a memory. latency: of registers. held_on_average: words written up to a stage
    less words read up to it. writes_below, ..., reads_above: how far these counts stray from their averages.
    """

    writer: int
    reader: int
    words: int
    held: Integers
    soonest: int
    registers: bool
    latency: int
    held_on_average: float
    writes_below: float
    writes_above: float
    reads_below: float
    reads_above: float

    def of(self, behind: int) -> int:
        """F(behind): the next frame holds `words` more."""
        frames, rest = divmod(behind, len(self.held))
        return int(self.held[rest]) + frames * self.words


@dataclass(frozen=True, slots=True)
class Side:
    """Least and most delay of a process at times 0, P, 2 P, ..., of which those from `start` to `end` are known."""

    low: Integers
    high: Integers
    start: int
    end: int


def delays(chains: Chains, bounds: Windows, process: int, period: int) -> Side:
    """Bounds of the delay of one process."""
    stage = chains.stage[process]
    first, last = chains.times(bounds.earliest, process), chains.times(bounds.latest, process)
    times = np.arange(0, bounds.cycles, period)
    # Counts are regular between the first and the last access of every port, not of the process alone.
    places = [chains.places[port] for port in chains.ports(process)]
    start = int(np.searchsorted(times, max(int(last[each[0]]) for each in places) + period))
    end = int(np.searchsorted(times, min(int(first[each[-1]]) for each in places) - 2 * period)) - 1
    return Side(_delay(stage, first, times), _delay(stage, last, times), start, end)


def _delay(stage: Integers, made: Integers, times: Integers) -> Integers:
    """The delay at each time in a schedule, right where the process has begun and not ended."""
    done = np.clip(np.searchsorted(made, times, side="right") - 1, 0, len(stage) - 2)
    return times - np.minimum(times - (made - stage)[done], stage[done + 1] - 1)


def link_of(chains: Chains, number: int, period: int, count: int, latency: int | None) -> Link | None:
    """Stream `number`; None where the stages of the words do not repeat from frame to frame."""
    p, q = chains.owner[2 * number + 1], chains.owner[2 * number]
    write = chains.stage[p][chains.places[2 * number + 1]]
    read = chains.stage[q][chains.places[2 * number]]
    words = len(write) // count
    if not words:
        return None
    if np.any(write[words:] - write[:-words] != period) or np.any(read[words:] - read[:-words] != period):
        return None
    write, read = write[:words], read[:words]
    if max(write[-1] - write[0], read[-1] - read[0]) > period:
        return None
    behind = np.arange(period)
    # Reads before each write, counted from word 0 of frame 0: frames below are complete.
    whole, rest = np.divmod(write[None, :] - behind[:, None] - read[0], period)
    done = whole * words + np.searchsorted(read - read[0], rest, side="left")
    held = (np.arange(1, words + 1)[None, :] - done).max(axis=1)
    raw = 1 if latency is None else latency
    if raw > period:
        return None
    writes, reads = _stray(write, period), _stray(read, period)
    return Link(
        writer=p,
        reader=q,
        words=words,
        held=held,
        soonest=int((write - read).max()) + raw,
        registers=latency is None,
        latency=raw,
        held_on_average=float(writes.mean() - reads.mean()),
        writes_below=float(writes.mean() - writes.min()),
        writes_above=float(writes.max() - writes.mean()),
        reads_below=float(reads.mean() - reads.min()),
        reads_above=float(reads.max() - reads.mean()),
    )


def _stray(stages: Integers, period: int) -> npt.NDArray[np.float64]:
    """Accesses up to a stage less stage x rate, for every stage of a frame; `stages`: of the first frame's accesses."""
    whole, rest = np.divmod(np.arange(period) - stages[0], period)
    counts = whole * len(stages) + np.searchsorted(stages - stages[0], rest, side="right")
    result: npt.NDArray[np.float64] = counts - np.arange(period) * (len(stages) / period)
    return result
