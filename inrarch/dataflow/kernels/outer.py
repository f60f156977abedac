"""Sums over the rows of an invocation of outer products: gradients of matrices of weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from inrarch.config.model import Lanes
from inrarch.dataflow.kernels.matmul_shape import block_lanes
from inrarch.dataflow.kernels.row_buffer import row_buffer
from inrarch.dataflow.kernels.steps import evenly, turns
from inrarch.dataflow.kernels.sums import sums_cost
from inrarch.dataflow.logic import counter, gated_adder, multiplexer, product, rounding, taken
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.resources import LONG, Cost, total
from inrarch.dataflow.schedules import Items, compressed, repeated
from inrarch.dataflow.timing import Timing
from inrarch.dataflow.units import Facts, Input, Process, Unit

LATENCY = 12
"""Cycles from the iteration that rounds a sum to its write: buffers 2, operands rounded 1, product 3 and addition 1 (of
what is before it in the pipeline), selection 2, round and saturate 2, output register 1."""


@dataclass(frozen=True, kw_only=True)
class Outer(Unit):
    """left^T right, summed over all rows: [A, B] as one row of A*B features per invocation.

    left, right: the streams of A and B features, with one field each.
    """

    kernel: ClassVar[str] = "outer"
    kind: ClassVar[str] = "product"
    over_batch: ClassVar[bool] = True
    node: str
    left: Input
    right: Input
    A: int
    B: int
    repeat: int = 0

    @property
    def reads(self) -> tuple[Input, ...]:
        """Both operands, also where one unit makes both."""
        return (self.left, self.right)

    def options(self, facts: Facts, stream_lanes: Mapping[int, int]) -> Sequence[tuple[int, Lanes]]:
        """Arrangements of lanes over the features of left and right, by rising number of multipliers."""
        wa, wb = stream_lanes[self.A], stream_lanes[self.B]
        choices = [Lanes(a, b) for a in block_lanes(self.A, wa) for b in block_lanes(self.B, wb)]
        found: list[tuple[int, Lanes]] = []
        for lanes in sorted(choices, key=lambda each: (each.inputs * each.outputs, each.inputs + each.outputs)):
            step = outer_step(self.A, self.B, lanes, wa, wb)
            if not found or step < found[-1][0]:
                found.append((step, lanes))
        return found

    def lanes(self, parallelism: Parallelism) -> Lanes:
        """The lanes chosen for it: `inputs` over left, `outputs` over right."""
        lanes = parallelism.choices[self.name]
        assert isinstance(lanes, Lanes)
        return lanes

    def step(self, parallelism: Parallelism) -> int:
        """T, cycles per row of its streams."""
        widths = parallelism.stream_lanes
        return outer_step(self.A, self.B, self.lanes(parallelism), widths[self.A], widths[self.B])

    def cycles_per_row(self, parallelism: Parallelism) -> int:
        """T."""
        return self.step(parallelism)

    def macs_per_row(self) -> int:
        """A x B."""
        return self.A * self.B

    def multipliers(self, parallelism: Parallelism) -> int:
        """PA x PB."""
        lanes = self.lanes(parallelism)
        return lanes.inputs * lanes.outputs

    def cost(self, facts: Facts, parallelism: Parallelism) -> Cost:
        """PA x PB products with a sum each, double operand buffers, the memory of the sums, one rounding."""
        lanes = self.lanes(parallelism)
        rows, columns = blocks_of(self.A, self.B, lanes)
        factors = facts.formats.operands_of(self.node, [read.fields[0] for read in self.reads])
        left, right = (each.bits for each in factors)
        bits, products = facts.formats.accumulators[self.node], lanes.inputs * lanes.outputs
        data_bits, target, widths = facts.formats.data_bits, facts.target, parallelism.stream_lanes
        lane = product(left, right, target) + gated_adder(bits, target)
        row = multiplexer(lanes.inputs, lanes.outputs * bits, target) + multiplexer(lanes.outputs, bits, target)
        sent = row + rounding(bits, bits - data_bits, data_bits, target) + Cost(ff=widths[self.features] * data_bits)
        streams = zip((self.A, self.B), self.reads, strict=True)
        read = total(taken(widths[size] * len(each.fields) * data_bits) for size, each in streams)
        held = Cost(ff=lanes.inputs * left + lanes.outputs * right)
        return (
            row_buffer(self.A, lanes.inputs, widths[self.A], data_bits, target)
            + row_buffer(self.B, lanes.outputs, widths[self.B], data_bits, target)
            + sums_cost(rows * columns, products * bits, target)
            + read
            + held
            + lane.times(products)
            + sent
            + counter(2 * LONG, target)
        )

    def timing(self, facts: Facts, parallelism: Parallelism) -> Timing:
        """Sums leave one per cycle after the products of the last row."""
        step, lanes, widths = self.step(parallelism), self.lanes(parallelism), parallelism.stream_lanes
        rows, columns = blocks_of(self.A, self.B, lanes)
        width = widths[self.features]
        reads = tuple(turns(features // widths[features], step) for features in (self.A, self.B))
        return Timing(step, reads, np.arange(width - 1, self.features, width) + step + rows * columns + LATENCY)

    def text(self, parallelism: Parallelism) -> tuple[str, ...]:
        """The result and the lanes."""
        lanes = self.lanes(parallelism)
        return f"{self.A} × {self.B}, over rows", f"{lanes.inputs}×{lanes.outputs} multipliers"

    def process(self, facts: Facts, parallelism: Parallelism, reads: Sequence[str], writes: Sequence[str]) -> Process:
        """Parameters as in kernel_lib/outer/kernel.yaml."""
        lanes, step, widths = self.lanes(parallelism), self.step(parallelism), parallelism.stream_lanes
        parameters = {
            "node": self.node,
            "left": {"stream": reads[0], "field": self.left.fields[0]},
            "right": {"stream": reads[1], "field": self.right.fields[0]},
            "output": self.makes[0],
            "A": self.A,
            "B": self.B,
            "lanes_left": lanes.inputs,
            "lanes_right": lanes.outputs,
            "T": step,
            "latency": LATENCY,
        }
        tokens = (self.A // widths[self.A], self.B // widths[self.B])
        return Process(
            parameters,
            outer_schedule(
                (reads[0], reads[1]),
                writes[0],
                facts.rows,
                tokens,
                step,
                blocks_of(self.A, self.B, lanes),
                (self.features, widths[self.features]),
            ),
        )


def blocks_of(A: int, B: int, lanes: Lanes) -> tuple[int, int]:
    """Blocks of the sums, along left and along right."""
    return -(-A // lanes.inputs), -(-B // lanes.outputs)


def outer_step(A: int, B: int, lanes: Lanes, before_left: int, before_right: int) -> int:
    """Cycles per row: one per token of either stream, one per block."""
    rows, columns = blocks_of(A, B, lanes)
    return max(A // before_left, B // before_right, rows * columns)


def outer_schedule(
    streams: tuple[str, str],
    output: str,
    rows: int,
    reads: tuple[int, int],
    step: int,
    blocks: tuple[int, int],
    results: tuple[int, int],
) -> Items:
    """The flattened loop of `kernel_lib/outer`.

    reads: tokens per row of each stream, spread evenly over a step. results: their number, and how many make a token.
    """
    flags = np.zeros(step, dtype=np.int8)
    for bit, count in enumerate(reads):
        flags |= (evenly(count, step) << bit).astype(np.int8)
    body = compressed(flags, [[{"at": 0, "read": stream}] for stream in streams])
    number, lanes = results
    begin = rows * step + blocks[0] * blocks[1]
    return [
        repeated(0, rows, step, body),
        repeated(begin + lanes - 1, number // lanes, lanes, [{"at": LATENCY, "write": output}]),
    ]
