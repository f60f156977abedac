"""A model input: words of an AXI port become tokens."""

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

LATENCY = 1


@dataclass(frozen=True, kw_only=True)
class Source(Unit):
    """Takes a model input of `features` coordinates from the AXI port `port`, one word per cycle."""

    kernel: ClassVar[str] = "source"
    kind: ClassVar[str] = "port"
    is_port: ClassVar[bool] = True
    port: str
    tensor: str

    @property
    def reads(self) -> tuple[Input, ...]:
        """None: it reads a port."""
        return ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The input itself."""
        return (self.tensor,)

    def cycles_per_row(self, parallelism: Parallelism) -> int:
        """One per word."""
        return self.features * self.repeat

    def cost(self, facts: Facts, parallelism: Parallelism) -> Cost:
        """A word of the port, and the token that it makes with others."""
        bits, lanes = facts.formats.data_bits, parallelism.stream_lanes[self.features]
        return taken(bits) + Cost(ff=lanes * bits) + counter(SHORT, facts.target)

    def timing(self, facts: Facts, parallelism: Parallelism) -> Timing:
        """A token after every `lanes` words."""
        lanes = parallelism.stream_lanes[self.features]
        writes = np.arange(max(self.repeat, 1) * self.row_tokens(parallelism)) * lanes + lanes - 1 + LATENCY
        return Timing(self.cycles_per_row(parallelism), (), writes)

    def text(self, parallelism: Parallelism) -> tuple[str, ...]:
        """Its width."""
        return self.kernel, counted(self.features, "feature")

    def process(self, facts: Facts, parallelism: Parallelism, reads: Sequence[str], writes: Sequence[str]) -> Process:
        """A token after every `lanes` words of the port."""
        lanes = parallelism.stream_lanes[self.features]
        tokens = rows_of(self.repeat, facts.rows) * self.row_tokens(parallelism)
        parameters = {"port": self.port, "features": self.features, "fields": list(self.fields), "lanes": lanes}
        return Process(parameters, [repeated(0, tokens, lanes, [{"at": lanes - 1 + LATENCY, "write": writes[0]}])])
