"""Sums over the rows of an invocation, feature by feature: gradients of biases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from inrarch.dataflow.kernels.sums import sums_cost
from inrarch.dataflow.logic import counter, delay, gated_adder, rounding, taken
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.resources import SHORT, Cost
from inrarch.dataflow.schedules import Items, repeated
from inrarch.dataflow.timing import Timing
from inrarch.dataflow.units import Facts, Input, Process, Unit

LATENCY = 6
"""Cycles from the iteration that rounds a token of sums to its write: memory 2, addition 1 (of what is before it in
the pipeline), round and saturate 2, output register 1."""


@dataclass(frozen=True, kw_only=True)
class Accumulate(Unit):
    """Sums of `operands` over all rows of the stream of `input`: one row per invocation.

    nodes, operands, makes: node, input tensor and output tensor per sum.
    """

    kernel: ClassVar[str] = "accumulate"
    kind: ClassVar[str] = "sum"
    over_batch: ClassVar[bool] = True
    nodes: tuple[str, ...]
    input: Input
    operands: tuple[str, ...]
    repeat: int = 0

    @property
    def reads(self) -> tuple[Input, ...]:
        """The stream with all operands."""
        return (self.input,)

    def cycles_per_row(self, parallelism: Parallelism) -> int:
        """One per token that it reads."""
        return self.row_tokens(parallelism)

    def cost(self, facts: Facts, parallelism: Parallelism) -> Cost:
        """An adder and a rounding per lane and sum, and the memory of the sums."""
        bits = max(facts.formats.accumulators[node] for node in self.nodes)
        lanes = parallelism.stream_lanes[self.features] * len(self.operands)
        data_bits, target = facts.formats.data_bits, facts.target
        lane = gated_adder(bits, target) + rounding(bits, bits - data_bits, data_bits, target)
        read = taken(parallelism.stream_lanes[self.features] * len(self.input.fields) * data_bits)
        waiting = delay(2 * lanes * data_bits, 2, target)
        words = sums_cost(self.row_tokens(parallelism), lanes * bits, target)
        return read + waiting + words + lane.times(lanes) + counter(3 * SHORT, target)

    def timing(self, facts: Facts, parallelism: Parallelism) -> Timing:
        """Sums leave one token per cycle after the last token of the last row."""
        reads = np.arange(self.row_tokens(parallelism))
        return Timing(len(reads), (reads,), reads + len(reads) + LATENCY)

    def process(self, facts: Facts, parallelism: Parallelism, reads: Sequence[str], writes: Sequence[str]) -> Process:
        """Parameters as in kernel_lib/accumulate/kernel.yaml."""
        tokens = self.row_tokens(parallelism)
        parameters = {
            "nodes": list(self.nodes),
            "inputs": list(self.operands),
            "outputs": list(self.makes),
            "features": self.features,
            "lanes": parallelism.stream_lanes[self.features],
            "latency": LATENCY,
        }
        return Process(parameters, accumulate_schedule(reads[0], writes[0], facts.rows, tokens))


def accumulate_schedule(stream: str, output: str, rows: int, tokens: int) -> Items:
    """All reads, then a write per token: the loop of `kernel_lib/accumulate`."""
    return [
        repeated(0, rows * tokens, 1, [{"at": 0, "read": stream}]),
        repeated(rows * tokens, tokens, 1, [{"at": LATENCY, "write": output}]),
    ]
