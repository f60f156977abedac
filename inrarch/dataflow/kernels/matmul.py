"""All products with one constant weight, one per jet coefficient, weight stationary."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from inrarch.config.model import Lanes
from inrarch.dataflow.kernels.matmul_cost import matmul_cost
from inrarch.dataflow.kernels.matmul_shape import Shape, choices, shape_of
from inrarch.dataflow.kernels.steps import stepped_schedule, stepped_timing, turn, turns
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.resources import Cost
from inrarch.dataflow.schedules import Items
from inrarch.dataflow.several import Count, larger, levels, pick
from inrarch.dataflow.timing import Stages, Timing
from inrarch.dataflow.units import FAR, Facts, Input, MenuTable, Process, Unit, rows_of

MULTIPLY_ADD = 8
"""Cycles: buffer and weight read 2, product 3, accumulation 1, rounding 2; plus the tree over lanes_in."""
CHOICES = 2
"""Cycles more where coefficients take turns: one to choose operands, one to bring sums to one binary point."""


def matmul_latency(lanes_in: Count, coefficient_blocks: Count = 1) -> Count:
    """Cycles from the iteration that makes a result ready to its write."""
    return MULTIPLY_ADD + levels(lanes_in) + CHOICES * (coefficient_blocks > 1)


@dataclass(frozen=True, kw_only=True)
class Matmul(Unit):
    """All products with one constant weight [K, M], one per coefficient, that lie equally deep in the network.

    node: the node that gives the unit its name. nodes, operands, makes, biases: node, input tensor, output tensor
    and bias (initializer or None) per coefficient; `makes` is also the layout of the output stream.
    """

    kernel: ClassVar[str] = "matmul"
    kind: ClassVar[str] = "product"
    node: str
    nodes: tuple[str, ...]
    weight: str
    input: Input
    operands: tuple[str, ...]
    biases: tuple[str | None, ...]
    K: int

    @property
    def M(self) -> int:
        """Outputs of the matrix."""
        return self.features

    @property
    def coefficients(self) -> int:
        """Products that share the weight, C."""
        return len(self.operands)

    @property
    def reads(self) -> tuple[Input, ...]:
        """The stream with all coefficients."""
        return (self.input,)

    def options(self, facts: Facts, stream_lanes: Mapping[int, int]) -> Sequence[tuple[int, Lanes]]:
        """Arrangements of lanes."""
        found = choices(self.K, self.M, self.coefficients, stream_lanes[self.K], stream_lanes[self.M])
        return [(self.repeat * step, lanes) for step, lanes in found]

    @property
    def limits(self) -> Lanes:
        """All inputs, outputs and coefficients at the same time."""
        return Lanes(self.K, self.M, self.coefficients)

    def lanes(self, parallelism: Parallelism) -> Lanes:
        """The lanes chosen for it."""
        lanes = parallelism.choices[self.name]
        assert isinstance(lanes, Lanes)
        return lanes

    def shape(self, parallelism: Parallelism) -> Shape:
        """The cycle structure at the lanes chosen."""
        widths = parallelism.stream_lanes
        lanes = self.lanes(parallelism)
        return shape_of(self.K, self.M, self.coefficients, lanes, widths[self.K], widths[self.M])

    def coefficient_lanes(self, parallelism: Parallelism) -> int:
        """PC, coefficients that are multiplied at the same time."""
        return self.lanes(parallelism).coefficients or self.coefficients

    def latency(self, parallelism: Parallelism) -> int:
        """See `matmul_latency`."""
        blocks = -(-self.coefficients // self.coefficient_lanes(parallelism))
        return int(matmul_latency(self.lanes(parallelism).inputs, blocks))

    def cycles_per_row(self, parallelism: Parallelism) -> int:
        """T, for each row of its stream."""
        return self.repeat * self.shape(parallelism).step

    def macs_per_row(self) -> int:
        """K x M x C."""
        return self.repeat * self.K * self.M * self.coefficients

    def multipliers(self, parallelism: Parallelism) -> int:
        """PI x PO x PC."""
        lanes = self.lanes(parallelism)
        return lanes.inputs * lanes.outputs * self.coefficient_lanes(parallelism)

    def cost(self, facts: Facts, parallelism: Parallelism) -> Cost:
        """See `inrarch.dataflow.kernels.matmul_cost`."""
        widths = parallelism.stream_lanes
        return self._cost(facts, self.lanes(parallelism), self.shape(parallelism), widths[self.K])

    def _cost(self, facts: Facts, lanes: Lanes, shape: Shape, stream_lanes: Count) -> Cost:
        data_bits, accumulator_bits = self._widths(facts)
        return matmul_cost(
            K=self.K,
            M=self.M,
            coefficients=self.coefficients,
            lanes=lanes,
            data_bits=data_bits,
            weight_bits=facts.formats.of(self.weight).bits,
            accumulator_bits=accumulator_bits,
            bias_rows=len({bias for bias in self.biases if bias is not None}),
            target=facts.target,
            tokens=shape.tokens_per_group,
            stream_lanes=stream_lanes,
            fields=len(self.input.fields),
        )

    def menu(self, facts: Facts, asked: Sequence[tuple[Mapping[int, int], Any]]) -> MenuTable:
        """All at once. Delays: those of `timing`, from the first token of a row or from the last."""
        C = self.coefficients
        numbers = [
            (one.inputs, one.outputs, one.coefficients or C, widths[self.K], widths[self.M]) for widths, one in asked
        ]
        columns: list[Count] = [np.array(each) for each in zip(*numbers, strict=True)]
        lanes = Lanes(*columns[:3])
        shape = shape_of(self.K, self.M, C, lanes, *columns[3:])
        rows_before = larger(self.repeat - 1, 0) * shape.step
        ready = shape.step + shape.blocks_in + matmul_latency(lanes.inputs, -(-C // columns[2]))
        last_turn = turn(shape.reads - 1, shape.reads, shape.step)
        first = ready + (shape.groups_per_token - 1) * shape.slot
        last = ready + rows_before + (shape.blocks_out - 1) * shape.slot + shape.tokens_last - 1
        late = rows_before + last_turn
        delays = (first, pick(late <= first, first - late, FAR), last, last - late)
        return MenuTable(self._cost(facts, lanes, shape, columns[3]), delays)

    def alike(self, facts: Facts) -> Hashable:
        """Shape, coefficients, widths."""
        data, accumulators = self._widths(facts)
        biases = len({bias for bias in self.biases if bias is not None})
        weight = facts.formats.of(self.weight).bits
        return self.K, self.M, self.repeat, self.coefficients, data, accumulators, weight, biases

    def _widths(self, facts: Facts) -> tuple[int, int]:
        """Bits of the widest operand and of the widest sum."""
        data = max(facts.formats.of(name).bits for name in self.operands)
        return data, max(facts.formats.accumulators[node] for node in self.nodes)

    def timing(self, facts: Facts, parallelism: Parallelism) -> Timing:
        """A row is read in one step and written in the next."""
        shape = self.shape(parallelism)
        behind = shape.blocks_in + self.latency(parallelism)
        return stepped_timing(max(self.repeat, 1), shape.step, turns(shape.reads, shape.step), written(shape), behind)

    def text(self, parallelism: Parallelism) -> tuple[str, ...]:
        """The matrix and the lanes."""
        lanes = self.lanes(parallelism)
        multipliers = f"{lanes.inputs}×{lanes.outputs}×{self.coefficient_lanes(parallelism)} multipliers"
        return f"{self.K} → {self.M}, {self.coefficients} coeff.", multipliers

    def process(self, facts: Facts, parallelism: Parallelism, reads: Sequence[str], writes: Sequence[str]) -> Process:
        """Parameters as in kernel_lib/matmul/kernel.yaml."""
        shape = self.shape(parallelism)
        latency = self.latency(parallelism)
        lanes = {"lanes_coefficients": self.coefficient_lanes(parallelism)}
        parameters = self.constants(parallelism) | lanes | {"T": shape.step, "latency": latency}
        rows = rows_of(self.repeat, facts.rows)
        return Process(parameters, matmul_schedule(reads[0], writes[0], rows, shape, latency))

    def constants(self, parallelism: Parallelism) -> dict[str, Any]:
        """The parameters that say what is computed, and the lanes over inputs and outputs."""
        lanes = self.lanes(parallelism)
        return {
            "node": self.node,
            "nodes": list(self.nodes),
            "weight": self.weight,
            "inputs": list(self.operands),
            "outputs": list(self.fields),
            "biases": list(self.biases),
            "K": self.K,
            "M": self.M,
            "C": self.coefficients,
            "lanes_in": lanes.inputs,
            "lanes_out": lanes.outputs,
            "stream_lanes_in": parallelism.stream_lanes[self.K],
            "stream_lanes_out": parallelism.stream_lanes[self.M],
        }


def matmul_schedule(stream: str, output: str, rows: int, shape: Shape, latency: int) -> Items:
    """The flattened loop of `kernel_lib/matmul`: step s (T iterations) reads row s and multiplies row s-1.

    The reads are spread evenly: token k in iteration ceil(k*T/reads) of its step. A token is written from the iteration
    after the products of its (last) group on: row r, group g, token j in iteration (r+1)*T + g*slot + KB*CB + j,
    `latency` cycles later.
    """
    reads = turns(shape.reads, shape.step)
    return stepped_schedule(stream, output, rows, shape.step, reads, written(shape), shape.blocks_in, latency)


def written(shape: Shape) -> Stages:
    """The iterations after which the tokens of a row are written, from those with its first products on."""
    groups = np.arange(shape.groups_per_token - 1, shape.blocks_out, shape.groups_per_token) * shape.slot
    tokens = (groups[:, None] + np.arange(shape.tokens_per_group)).ravel()
    return tokens[: len(tokens) - shape.tokens_per_group + shape.tokens_last]
