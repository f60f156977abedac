"""Cycles in closed form: the first row's way through the network, then one row per row time of the slowest unit.

    cycles = fill + (rows - 1) * T,   T = max over units of cycles per row

fill: by units in topological order, from when its first and last word of a row arrive to when its first and last leave,
words taken to arrive evenly. Compare `inrarch.fifo.simulate`.

A unit only moves on while its reads succeed. If it needs T_u cycles per row and its rows come P > T_u cycles apart,
then what it writes D cycles after a read waits for the reads of floor(D / T_u) rows more, P - T_u longer for each. The
last row waits for none, the one before it for one: they are in the pipeline when reading ends. So the last rows are
followed one by one, as far as they differ from those before them.

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
    """When rows leave a unit, `period` cycles apart, told on the scale of row 0.

    rows: (first, last) token of a row with 0, 1, 2, ... rows behind it; any more behind it change nothing.
    burst, every: how the last tokens of all come (`Span`).
    """

    rows: tuple[tuple[int, int], ...]
    period: int
    burst: int = 1
    every: int = 1

    def span(self, following: int, step: int) -> Span:
        """Of a row with so many behind it, for a unit of `step` cycles per row that takes those before it first."""
        faster = max(self.period - step, 0)
        waiting = self.rows[min(following, len(self.rows) - 1) :]
        first = max(row[0] - later * faster for later, row in enumerate(waiting))
        last = max(row[1] - later * faster for later, row in enumerate(waiting))
        together = following == 0 and last == waiting[0][1]
        return Span(first, last, self.burst if together else 1, self.every)


@dataclass(frozen=True, slots=True)
class Pace:
    """How a unit waits for the rows behind the one that it writes.

    step: T_u. longer: P - T_u. first, last: its cycles from the first read of a row to the first and last write of it.
    turn: to the last read.
    """

    step: int
    longer: int
    first: int
    last: int
    turn: int

    @classmethod
    def of(cls, unit: Unit, facts: Facts, parallelism: Parallelism, period: int) -> Pace:
        """Of a unit whose rows come `period` cycles apart, slower than it takes them."""
        step, inputs = unit.cycles_per_row(parallelism), len(unit.reads)
        by_first = unit.span(facts, parallelism, [Span(0, FAR)] * inputs)
        by_last = unit.span(facts, parallelism, [Span(FAR, 0)] * inputs)
        turn = min(max(0, by_first.last - by_last.last), step)
        first, last = max(by_first.first, by_last.first + turn), max(by_first.last, by_last.last + turn)
        return cls(step, period - step, first, last, turn)

    def held(self, stage: int, rows: Sequence[tuple[int, int]]) -> int:
        """When it is `stage` cycles behind the first read of a row. rows: when that row comes, and those behind it."""
        found = FAR
        for ahead, (first, last) in enumerate(rows[: stage // self.step + 1]):
            # It may wait for the first token of a row, or for the last one of them that it reads before.
            rest = stage - ahead * self.step
            token = first + (last - first) * min(rest, self.turn) // max(self.turn, 1) - min(rest, self.turn)
            found = max(found, max(first, token) + ahead * self.longer)
        return stage + found


def predict_cycles(units: Units, facts: Facts, parallelism: Parallelism) -> int:
    """Cycles for all rows of an invocation."""
    leaving: dict[str, Leaving] = {}
    done = 0
    other_rows = (facts.rows - 1) * max(unit.cycles_per_row(parallelism) for unit in units.units)
    for unit in units.units:
        arrivals = []
        for link in units.incoming(unit.name):
            wait = FIFO + (other_rows if unit.repeat == 0 and link.repeat else 0)
            found = leaving[link.writer]
            arrivals.append(replace(found, rows=tuple((first + wait, last + wait) for first, last in found.rows)))
        found = leaving[unit.name] = _leaving(unit, facts, parallelism, arrivals)
        if not unit.fields:
            done = max(done, found.rows[0][1] + (other_rows if unit.repeat else 0))
    return done


def _leaving(unit: Unit, facts: Facts, parallelism: Parallelism, arrivals: Sequence[Leaving]) -> Leaving:
    step = unit.cycles_per_row(parallelism)
    period = max((each.period for each in arrivals), default=0)
    last = unit.span(facts, parallelism, [each.span(0, step) for each in arrivals])
    rows = [(last.first, last.last)]
    if period > step > 0 and facts.rows > 1 and unit.repeat:
        pace = Pace.of(unit, facts, parallelism, period)
        most = max(len(each.rows) for each in arrivals) - 1 + pace.last // step
        coming: list[tuple[int, int]] = []  # the row with so many behind it, and those behind it
        for following in range(min(most, facts.rows - 1) + 1):
            spans = [each.span(following, step) for each in arrivals]
            coming.insert(0, (max(each.first for each in spans), max(each.last for each in spans)))
            if following:
                own = unit.span(facts, parallelism, spans)
                rows.append(
                    (max(own.first, pace.held(pace.first, coming)), max(own.last, pace.held(pace.last, coming)))
                )
    return Leaving(tuple(rows), max(step, period), last.burst, last.every)
