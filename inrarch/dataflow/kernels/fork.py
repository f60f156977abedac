"""Copies of a stream for several readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from inrarch.dataflow.logic import counter, taken
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.resources import SHORT, Cost
from inrarch.dataflow.schedules import repeated
from inrarch.dataflow.timing import Timing
from inrarch.dataflow.units import Facts, Input, Process, Unit, rows_of

LATENCY = 1


@dataclass(frozen=True, kw_only=True)
class Fork(Unit):
    """Copies the stream of `input.unit` to several readers, to each the fields that its stream lists."""

    kernel: ClassVar[str] = "fork"
    kind: ClassVar[str] = "move"
    passes_on: ClassVar[bool] = True
    input: Input

    @property
    def reads(self) -> tuple[Input, ...]:
        """The stream that it copies."""
        return (self.input,)

    @property
    def fields(self) -> tuple[str, ...]:
        """As they come."""
        return self.input.fields

    def cycles_per_row(self, parallelism: Parallelism) -> int:
        """One per token."""
        return self.repeat * self.row_tokens(parallelism)

    def cost(self, facts: Facts, parallelism: Parallelism) -> Cost:
        """The token, twice, and its copies' control."""
        bits = parallelism.stream_lanes[self.features] * len(self.fields) * facts.formats.data_bits
        return taken(bits) + Cost(ff=bits) + counter(SHORT, facts.target)

    def timing(self, facts: Facts, parallelism: Parallelism) -> Timing:
        """A cycle later."""
        reads = np.arange(max(self.repeat, 1) * self.row_tokens(parallelism))
        return Timing(len(reads), (reads,), reads + LATENCY)

    def process(self, facts: Facts, parallelism: Parallelism, reads: Sequence[str], writes: Sequence[str]) -> Process:
        """One token per cycle, to all readers in the same cycle."""
        lanes = parallelism.stream_lanes[self.features]
        tokens = rows_of(self.repeat, facts.rows) * self.row_tokens(parallelism)
        copies = [{"at": LATENCY, "write": copy} for copy in writes]
        parameters = {
            "features": self.features,
            "fields": list(self.fields),
            "lanes": lanes,
            "outputs": list(writes),
        }
        return Process(parameters, [repeated(0, tokens, 1, [{"at": 0, "read": reads[0]}, *copies])])
