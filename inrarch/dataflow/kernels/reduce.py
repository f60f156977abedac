"""Sums of consecutive elements of a stream: over the features of a row, or over several rows of its repeat."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from inrarch.dataflow.logic import adder_tree, counter, gated_adder, rounding_at_once, taken
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.resources import SHORT, Cost
from inrarch.dataflow.row_shapes import RowShape
from inrarch.dataflow.schedules import repeated
from inrarch.dataflow.timing import Timing
from inrarch.dataflow.units import Facts, Input, Process, Unit, rows_of
from inrarch.numeric.arithmetic import reduction_bits


def reduce_latency(lanes: int) -> int:
    """Cycles from the read of the last term to the write: the tree over the lanes, accumulation, rounding."""
    return 3 + math.ceil(math.log2(lanes))


@dataclass(frozen=True, kw_only=True)
class Reduce(Unit):
    """Adds up runs of elements of each of its tensors: exact sums, rounded once.

    given: row shape of the input. operands, makes: input and output tensor per sum.
    """

    kernel: ClassVar[str] = "reduce"
    kind: ClassVar[str] = "sum"
    nodes: tuple[str, ...]
    input: Input
    operands: tuple[str, ...]
    given: RowShape

    @property
    def reads(self) -> tuple[Input, ...]:
        """The stream with all terms."""
        return (self.input,)

    @property
    def terms(self) -> int:
        """Elements that are added up."""
        return self.given.elements // (max(self.repeat, 1) * self.features)

    def tokens(self, parallelism: Parallelism) -> int:
        """Tokens that are added up."""
        return self.terms // parallelism.stream_lanes[self.given.features]

    def cycles_per_row(self, parallelism: Parallelism) -> int:
        """T; of sums over the batch, which come once per invocation, none."""
        return self.step(parallelism) if self.repeat else 0

    def step(self, parallelism: Parallelism) -> int:
        """One per token that is read."""
        return self.given.elements // parallelism.stream_lanes[self.given.features]

    def accumulator_bits(self, facts: Facts) -> int:
        """Width of the exact sums."""
        return max(reduction_bits(facts.formats.of(name), self.terms) for name in self.operands)

    def cost(self, facts: Facts, parallelism: Parallelism) -> Cost:
        """An adder per lane, and rounding, per sum."""
        bits, lanes = self.accumulator_bits(facts), parallelism.stream_lanes[self.given.features]
        data_bits, target = facts.formats.data_bits, facts.target
        one = adder_tree(lanes, data_bits, target) + gated_adder(bits, target)
        one += rounding_at_once(bits, bits - data_bits, data_bits, target)
        leaving = parallelism.stream_lanes[self.features] * len(self.operands) * data_bits
        read = taken(lanes * len(self.input.fields) * data_bits)
        return read + one.times(len(self.operands)) + Cost(ff=leaving) + counter(2 * SHORT, target)

    def timing(self, facts: Facts, parallelism: Parallelism) -> Timing:
        """A token leaves when the last term of its last element has come."""
        step, latency = self.step(parallelism), reduce_latency(parallelism.stream_lanes[self.given.features])
        terms = parallelism.stream_lanes[self.features] * self.tokens(parallelism)
        return Timing(step, (np.arange(step),), np.arange(terms - 1, step, terms) + latency)

    def process(self, facts: Facts, parallelism: Parallelism, reads: Sequence[str], writes: Sequence[str]) -> Process:
        """A token per iteration; the sums are written with the last term of the last of them."""
        lanes = parallelism.stream_lanes[self.features]
        latency = reduce_latency(parallelism.stream_lanes[self.given.features])
        parameters = {
            "nodes": list(self.nodes),
            "inputs": list(self.operands),
            "outputs": list(self.fields),
            "terms": self.terms,
            "features": self.features,
            "repeat": self.repeat,
            "lanes": lanes,
            "accumulator_bits": self.accumulator_bits(facts),
            "latency": latency,
        }
        written = rows_of(self.repeat, facts.rows) * self.row_tokens(parallelism)
        each = self.tokens(parallelism) * lanes
        items = [repeated(0, each - 1, 1, [{"at": 0, "read": reads[0]}])] if each > 1 else []
        last = {
            "at": each - 1,
            "repeat": 1,
            "every": 1,
            "body": [{"at": 0, "read": reads[0]}, {"at": latency, "write": writes[0]}],
        }
        return Process(parameters, [repeated(0, written, each, [*items, last])])
