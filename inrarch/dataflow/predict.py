"""Cycles in closed form: the first row's way through the network, then one row per row time of the slowest unit.

    cycles = fill + (rows - 1) * T,   T = max over units of cycles per row

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
    for unit in units.units:
        writers = [spans[link.writer] for link in units.incoming(unit.name)]
        arrivals = [replace(span, first=span.first + FIFO, last=span.last + FIFO) for span in writers]
        spans[unit.name] = unit.span(facts, parallelism, arrivals)
        if not unit.fields:
            done = max(done, spans[unit.name].last)
    return done + (facts.rows - 1) * max(unit.cycles_per_row(parallelism) for unit in units.units)
