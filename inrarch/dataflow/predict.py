"""Cycles in closed form: the first row's way through the network, then one row per row time of the slowest unit.

    cycles = fill + (rows - 1) * T,   T = max over units of cycles per row

A unit that sums over the batch begins to write after the last row, (rows - 1) * T later than after row 0; so does all
that follows from such sums, which is there once per invocation.

fill: by units in topological order, from when its first and last word of a row arrive to when its first and last leave,
words taken to arrive evenly. Exact where a bottleneck neither starts late nor starves; compare `inrarch.fifo.simulate`.
"""

from __future__ import annotations

from dataclasses import replace

from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.units import Facts, Span, Units

FIFO = 1
"""Cycles from a write to its read, for FIFOs of two words."""


def predict_cycles(units: Units, facts: Facts, parallelism: Parallelism) -> int:
    """Cycles for all rows of an invocation."""
    spans: dict[str, Span] = {}
    done = 0
    other_rows = (facts.rows - 1) * max(unit.cycles_per_row(parallelism) for unit in units.units)
    for unit in units.units:
        arrivals = []
        for link in units.incoming(unit.name):
            span = spans[link.writer]
            wait = FIFO + (other_rows if unit.repeat == 0 and link.repeat else 0)
            arrivals.append(replace(span, first=span.first + wait, last=span.last + wait))
        spans[unit.name] = unit.span(facts, parallelism, arrivals)
        if not unit.fields:
            done = max(done, spans[unit.name].last + (other_rows if unit.repeat else 0))
    return done
