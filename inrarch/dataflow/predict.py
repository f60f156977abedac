"""Cycles of an invocation, in closed form over its rows: its first and its last rows are followed, those between not.

A unit waits for its tokens, and what it waited is not made up: of an access at stage s after its start,

    cycle = s + max(0, max over its reads at stages up to s of (cycle in which the token can be read - its stage))

with FIFOs deep enough, as `inrarch.fifo` makes them. The stages of row r are those of row 0 and r x T_u
(`Unit.timing`). Token j of row r leaves a unit at a maximum of sums of constants and multiples of r, which is convex in
r, as long as L more rows are there: those that units read ahead, summed over the longest path. So the maximum over the
reads of some rows is that over the first and the last of them, and the first and the last L + 1 rows of an invocation
say exactly when it ends, however many are between.

Compare `inrarch.fifo.simulate`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.timing import Stages, Timing
from inrarch.dataflow.units import Facts, Unit, Units

FIFO = 1
"""Cycles from a write to its read, for FIFOs of two words."""
_ONCE = np.zeros(1, dtype=np.int64)


def predict_cycles(units: Units, facts: Facts, parallelism: Parallelism) -> int:
    """Cycles for all rows of an invocation."""
    timings = {unit.name: unit.timing(facts, parallelism) for unit in units.units}
    rows = _followed(facts.rows, _rows_ahead(units, timings) + 1)
    written: dict[str, Stages] = {}
    done = 0
    for unit in units.units:
        arrivals = [written[link.writer] + FIFO for link in units.incoming(unit.name)]
        found = written[unit.name] = _written(unit, timings[unit.name], rows, arrivals)
        if not unit.fields:
            done = max(done, int(found[-1]))
    return done


def _rows_ahead(units: Units, timings: Mapping[str, Timing]) -> int:
    """How far sources are ahead of the sinks, at most, in rows rounded up: L.

    Before token j of the n of a row is written at stage s, at most s / T_u rows are read since the row began.
    """
    ahead: dict[str, float] = {}
    for unit in units.units:
        timing = timings[unit.name]
        before = max((ahead[link.writer] for link in units.incoming(unit.name)), default=0.0)
        if timing.reads and unit.repeat:
            before += float((timing.writes / timing.step - np.arange(len(timing.writes)) / len(timing.writes)).max())
        ahead[unit.name] = before
    return math.ceil(max(ahead.values(), default=0.0))


def _followed(rows: int, ends: int) -> Stages:
    """The numbers of the rows that are followed: the first and the last `ends` of them."""
    if rows <= 2 * ends:
        return np.arange(rows)
    return np.concatenate((np.arange(ends), np.arange(rows - ends, rows)))


def _written(unit: Unit, timing: Timing, rows: Stages, arrivals: list[Stages]) -> Stages:
    """The cycles in which the tokens of these rows are written, one row after the other.

    arrivals: of every input, the cycles from which its tokens can be read.
    """
    read = rows if unit.repeat or unit.over_batch else _ONCE
    begins = read[-1:] if unit.over_batch else read
    stages = _stages(begins, timing.writes, timing.step)
    waited = np.zeros_like(stages)
    for reads, arrival in zip(timing.reads, arrivals, strict=True):
        due = _stages(read, reads, timing.step)
        longest = np.maximum.accumulate(arrival - due)
        np.maximum(waited, longest[np.searchsorted(due, stages, "right") - 1], out=waited)
    return stages + waited


def _stages(rows: Stages, stages: Stages, step: int) -> Stages:
    return (rows[:, None] * step + stages).ravel()
