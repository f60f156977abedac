"""Model outputs: tokens become words of an AXI port."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from inrarch.dataflow.logic import counter, taken
from inrarch.dataflow.naming import counted
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.resources import SHORT, Cost
from inrarch.dataflow.schedules import repeated
from inrarch.dataflow.timing import Timing
from inrarch.dataflow.units import Facts, Input, Process, Unit, rows_of


@dataclass(frozen=True, kw_only=True)
class Sink(Unit):
    """Gives the model outputs `outputs` among the fields of one stream to an AXI port, one word per cycle."""

    kernel: ClassVar[str] = "sink"
    kind: ClassVar[str] = "port"
    is_port: ClassVar[bool] = True
    input: Input
    outputs: tuple[str, ...]

    @property
    def reads(self) -> tuple[Input, ...]:
        """The stream with the outputs."""
        return (self.input,)

    def cycles_per_row(self, parallelism: Parallelism) -> int:
        """One per word."""
        return self.features * self.repeat * len(self.outputs)

    def cost(self, facts: Facts, parallelism: Parallelism) -> Cost:
        """The token, the words that wait, and the choice of the next one."""
        bits, words = facts.formats.data_bits, parallelism.stream_lanes[self.features] * len(self.outputs)
        token = parallelism.stream_lanes[self.features] * len(self.input.fields) * bits
        queue = Cost(lut=words * bits if words > 1 else 0, ff=(words - 1) * bits)
        return taken(token) + queue + counter(SHORT, facts.target)

    def timing(self, facts: Facts, parallelism: Parallelism) -> Timing:
        """A token, then its words; `writes`: the cycle after the last word."""
        tokens = max(self.repeat, 1) * self.row_tokens(parallelism)
        words = parallelism.stream_lanes[self.features] * len(self.outputs)
        return Timing(tokens * words, (np.arange(tokens) * words,), np.array([tokens * words]))

    def text(self, parallelism: Parallelism) -> tuple[str, ...]:
        """Its width."""
        return self.kernel, counted(self.features, "feature")

    def process(self, facts: Facts, parallelism: Parallelism, reads: Sequence[str], writes: Sequence[str]) -> Process:
        """A token, then its words; the next token after the last of them."""
        lanes = parallelism.stream_lanes[self.features]
        tokens, words = rows_of(self.repeat, facts.rows) * self.row_tokens(parallelism), lanes * len(self.outputs)
        parameters = {
            "port": self.name,
            "features": self.features,
            "outputs": list(self.outputs),
            "lanes": lanes,
        }
        return Process(parameters, [repeated(0, tokens, words, [{"at": 0, "read": reads[0]}])], tokens * words - 1)
