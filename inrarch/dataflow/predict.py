"""Cycles in closed form: the first row's way through the network, then one row per row time of the slowest unit.

    cycles = fill + (rows - 1) * T,   T = max over units of cycles per row

fill: by units in topological order, from when its first and last word of a row arrive to when its first and last leave,
words taken to arrive evenly. Exact where a bottleneck neither starts late nor starves; compare `inrarch.fifo.simulate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inrarch.dataflow.latency import FORK, SOURCE
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.units import Fork, Matmul, Region, Sink, Source, Unit, Units

FIFO = 1
"""Cycles from a write to its read, for FIFOs of two words."""


@dataclass(frozen=True, slots=True)
class Span:
    """When the first and the last token of row 0 are written, the last `burst` tokens of all rows in cycles on end.

    A pipeline only moves while it reads, so what is in it leaves at once, after the last read.
    """

    first: int
    last: int
    burst: int = 1


def cycles_per_row(unit: Unit, parallelism: Parallelism) -> int:
    """Row time of a unit by itself."""
    if isinstance(unit, Matmul):
        return parallelism.shape(unit).step
    if isinstance(unit, Source):
        return unit.features
    if isinstance(unit, Sink):
        return unit.features * len(unit.outputs)
    return unit.features // parallelism.stream_lanes[unit.features]


def predict_cycles(units: Units, parallelism: Parallelism, latencies: Mapping[str, int], rows: int) -> int:
    """Cycles for `rows` rows. latencies: of matmuls and regions, by unit name."""
    spans: dict[str, Span] = {}
    done = 0
    for unit in units.units:
        arrivals = [spans[link.writer] for link in units.incoming(unit.name)]
        first = max((span.first for span in arrivals), default=0) + FIFO
        last = max((span.last for span in arrivals), default=0) + FIFO
        if isinstance(unit, Source):
            lanes = parallelism.stream_lanes[unit.features]
            spans[unit.name] = Span(lanes - 1 + SOURCE, unit.features - 1 + SOURCE)
        elif isinstance(unit, Matmul):
            spans[unit.name] = _matmul_span(unit, parallelism, latencies[unit.name], first, last)
        elif isinstance(unit, Sink):
            words = parallelism.stream_lanes[unit.features] * len(unit.outputs)
            burst = max(span.burst for span in arrivals)
            done = max(done, first + unit.features * len(unit.outputs), last + 1 + burst * (words - 1))
        else:
            assert isinstance(unit, Region | Fork)
            latency = latencies[unit.name] if isinstance(unit, Region) else FORK
            tokens = rows * (unit.features // parallelism.stream_lanes[unit.features])
            spans[unit.name] = Span(first + latency, last + latency, min(latency + 1, tokens))
    return done + (rows - 1) * max(cycles_per_row(unit, parallelism) for unit in units.units)


def _matmul_span(unit: Matmul, parallelism: Parallelism, latency: int, first: int, last: int) -> Span:
    shape = parallelism.shape(unit)
    last_read = -(-(shape.reads - 1) * shape.step // shape.reads)  # iteration of the last read of a step
    step_1 = max(first + last_read, last) + shape.step - last_read
    ready = step_1 + shape.blocks_in + latency
    return Span(
        ready + (shape.groups_per_token - 1) * shape.slot,
        ready + (shape.blocks_out - 1) * shape.slot + shape.tokens_last - 1,
    )
