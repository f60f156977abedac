"""Cycles in closed form: the first row's way through the network, then one row per row time of the slowest unit.

    cycles = fill + (rows - 1) * T,   T = max over units of cycles per row

fill: by units in topological order, from when its first and last word of a row arrive to when its first and last leave,
words taken to arrive evenly. Compare `inrarch.fifo.simulate`.

A unit only moves on while its reads succeed. If it needs T_u cycles per row and its rows come P > T_u cycles apart, then
what it writes D cycles after a read waits for the reads of floor(D / T_u) rows more, P - T_u longer for each. The last row
waits for none: it is in the pipeline when reading ends, and leaves at once. So two times are followed: of a row amid
others, which counts where the next unit is as slow as any before it and can never catch up, and of the last row.

A unit that sums over the batch begins to write after the last row, (rows - 1) * T later than after row 0; so does all
that follows from such sums, which is there once per invocation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.units import FAR, Facts, Span, Unit, Units

FIFO = 1
"""Cycles from a write to its read, for FIFOs of two words."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """When rows leave a unit. amid: row 0, if others follow; they do `period` cycles apart. end: row 0, if it were the
    last one; the last row is as early, (rows - 1) * period later. held: rows until `amid` is reached, from the last on.
    """

    amid: Span
    end: Span
    period: int
    held: int

    def later(self, cycles: int) -> Leaving:
        """The same, so many cycles later."""
        amid, end = (replace(each, first=each.first + cycles, last=each.last + cycles) for each in (self.amid, self.end))
        return replace(self, amid=amid, end=end)

    def at(self, following: int) -> tuple[int, int]:
        """First and last token of a row with so many rows behind it, on the scale of row 0."""
        part = min(following, self.held)
        first, last = ((late - early) * part // max(self.held, 1) for late, early in _pairs(self.amid, self.end))
        return self.end.first + first, self.end.last + last

    def caught_up(self, step: int) -> Span:
        """The last row, for a unit that needs `step` cycles per row and is late by then."""
        behind = self.held * max(self.period - step, 0)
        first, last = (max(0, late - behind - early) for late, early in _pairs(self.amid, self.end))
        if not first and not last:
            return self.end
        return replace(self.end, first=self.end.first + first, last=self.end.last + last, burst=1 if last else self.end.burst)


def predict_cycles(units: Units, facts: Facts, parallelism: Parallelism) -> int:
    """Cycles for all rows of an invocation."""
    leaving: dict[str, Leaving] = {}
    done = 0
    other_rows = (facts.rows - 1) * max(unit.cycles_per_row(parallelism) for unit in units.units)
    for unit in units.units:
        arrivals = []
        for link in units.incoming(unit.name):
            wait = FIFO + (other_rows if unit.repeat == 0 and link.repeat else 0)
            arrivals.append(leaving[link.writer].later(wait))
        found = _leaving(unit, facts, parallelism, arrivals)
        leaving[unit.name] = found
        if not unit.fields:
            done = max(done, found.end.last + (other_rows if unit.repeat else 0))
    return done


def _leaving(unit: Unit, facts: Facts, parallelism: Parallelism, arrivals: Sequence[Leaving]) -> Leaving:
    step, others = unit.cycles_per_row(parallelism), facts.rows - 1
    period = max((each.period for each in arrivals), default=0)
    end = unit.span(facts, parallelism, [each.caught_up(step) for each in arrivals])
    if not others or unit.repeat == 0 or not arrivals:
        return Leaving(end, end, max(step, period), 0)
    amid = unit.span(facts, parallelism, [replace(each.amid, burst=1) for each in arrivals])
    held = 0
    if period > step:
        held = max(each.held for each in arrivals)
        far = [Span(0, FAR)] * len(arrivals), [Span(FAR, 0)] * len(arrivals)
        # Cycles of the unit from the first read of a row to its writes, and from there to its last read.
        reach, late = (unit.span(facts, parallelism, each) for each in far)
        turn = min(max(0, reach.last - late.last), step)
        stages = max(reach.first, late.first + turn), max(reach.last, late.last + turn)
        most = min(stages[1] // step, others)
        turns = min(stages[0] // step, others), most
        times = [
            max(
                _after(arrivals, stage, step, turn, period, others, ahead)
                for ahead in {more, max(0, min(more, others - held))}
            )
            for stage, more in zip(stages, turns, strict=True)
        ]
        amid = replace(amid, first=max(amid.first, times[0]), last=max(amid.last, times[1]))
        held = min(held + most, others)
    return Leaving(amid, end, max(step, period), held)


def _after(
    arrivals: Sequence[Leaving], stage: int, step: int, turn: int, period: int, others: int, ahead: int
) -> int:
    """When a unit is `stage` cycles behind the first read of row 0, all reads of `ahead` rows more made, and those of
    the next that come before. turn: cycles from the first read of a row to the last.
    """
    longer = period - step
    last_before = max(each.at(others - ahead + 1)[1] for each in arrivals) - turn + (ahead - 1) * longer if ahead else 0
    first, last = (max(each.at(others - ahead)[end] for each in arrivals) for end in (0, 1))
    rest = min(stage - ahead * step, turn)
    along = max(first, first + (last - first) * rest // max(turn, 1) - rest)
    return stage + max(along + ahead * longer, last_before)


def _pairs(one: Span, other: Span) -> tuple[tuple[int, int], tuple[int, int]]:
    return (one.first, other.first), (one.last, other.last)
