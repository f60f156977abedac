"""Products with the nonzeros of one constant weight, one per jet coefficient, packed into equal lanes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from inrarch.config.model import Lanes
from inrarch.dataflow.kernels.matmul import Matmul, matmul_latency
from inrarch.dataflow.kernels.sparse_cost import sparse_cost
from inrarch.dataflow.kernels.sparse_program import Program, build_program
from inrarch.dataflow.kernels.sparse_shape import Pattern, SparseShape
from inrarch.dataflow.kernels.steps import stepped_schedule, stepped_timing, turns
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.resources import Cost
from inrarch.dataflow.schedules import Items
from inrarch.dataflow.timing import Stages, Timing
from inrarch.dataflow.units import Facts, Input, Process, Unit, rows_of

PROGRAM = 5
"""Cycles that a sparse unit takes longer than a dense one: program 1, choice of a bank 1, of a result 2, bias 1."""


@dataclass(frozen=True, kw_only=True)
class SparseMatmul(Unit):
    """What `dense` computes, without the products that are zero.

    Its choice is `Lanes(inputs, outputs)`: products per cycle that are added to one sum, and lanes with a sum each.
    pattern: where the quantised weight is not zero.
    """

    kernel: ClassVar[str] = "sparse_matmul"
    kind: ClassVar[str] = "product"
    dense: Matmul
    pattern: Pattern
    _shapes: dict[tuple[Lanes, int, int], SparseShape] = field(default_factory=dict, repr=False, compare=False)
    _programs: dict[tuple[Lanes, SparseShape], Program] = field(default_factory=dict, repr=False, compare=False)

    @property
    def reads(self) -> tuple[Input, ...]:
        """The stream with all coefficients."""
        return self.dense.reads

    @property
    def fields(self) -> tuple[str, ...]:
        """A product per coefficient."""
        return self.dense.fields

    @property
    def limits(self) -> Lanes:
        """All products of an output, all outputs at the same time."""
        return self.dense.limits

    def options(self, facts: Facts, stream_lanes: Mapping[int, int]) -> Sequence[tuple[int, Lanes]]:
        """Arrangements of lanes."""
        found = self.pattern.frontier(stream_lanes[self.dense.K], stream_lanes[self.features])
        return [(self.repeat * step, lanes) for step, lanes in found]

    def shape(self, parallelism: Parallelism) -> SparseShape:
        """The cycle structure at the lanes chosen."""
        widths = parallelism.stream_lanes
        key = (self.dense.lanes(parallelism), widths[self.dense.K], widths[self.features])
        if key not in self._shapes:
            self._shapes[key] = self.pattern.shape(*key)
        return self._shapes[key]

    def program(self, parallelism: Parallelism) -> Program:
        """What every lane does, at the lanes chosen."""
        key = (self.dense.lanes(parallelism), self.shape(parallelism))
        if key not in self._programs:
            self._programs[key] = build_program(self.pattern, *key)
        return self._programs[key]

    def cycles_per_row(self, parallelism: Parallelism) -> int:
        """T, for each row of its stream."""
        return self.repeat * self.shape(parallelism).step

    def macs_per_row(self) -> int:
        """Nonzeros x C: the products that are made."""
        return self.repeat * self.pattern.nonzeros * self.dense.coefficients

    def multipliers(self, parallelism: Parallelism) -> int:
        """PI x L x C."""
        return self.dense.multipliers(parallelism)

    def cost(self, facts: Facts, parallelism: Parallelism) -> Cost:
        """See `inrarch.dataflow.kernels.sparse_cost`."""
        dense, formats = self.dense, facts.formats
        return sparse_cost(
            self.program(parallelism),
            self.shape(parallelism),
            dense.lanes(parallelism),
            coefficients=dense.coefficients,
            data_bits=max(formats.of(name).bits for name in dense.operands),
            weight_bits=formats.of(dense.weight).bits,
            accumulator_bits=max(formats.accumulators[node] for node in dense.nodes),
            bias_rows=len({bias for bias in dense.biases if bias is not None}),
            stream_lanes=parallelism.stream_lanes[dense.K],
            fields=len(dense.input.fields),
            target=facts.target,
        )

    def timing(self, facts: Facts, parallelism: Parallelism) -> Timing:
        """A row is read in one step, and written from `lag` cycles after the beginning of the next one on."""
        step, behind = self.shape(parallelism).step, self.program(parallelism).lag + self.latency(parallelism)
        return stepped_timing(max(self.repeat, 1), step, self._read(parallelism), self._written(parallelism), behind)

    def latency(self, parallelism: Parallelism) -> int:
        """Cycles from the iteration that makes a result ready to its write."""
        return int(matmul_latency(self.dense.lanes(parallelism).inputs)) + PROGRAM

    def _read(self, parallelism: Parallelism) -> Stages:
        """The iterations of a step in which tokens are read."""
        return turns(self.dense.K // parallelism.stream_lanes[self.dense.K], self.shape(parallelism).step)

    def _written(self, parallelism: Parallelism) -> Stages:
        """The iterations of a step, from the lag on, after which tokens are written: with the last slice of each."""
        shape = self.shape(parallelism)
        per_token = parallelism.stream_lanes[self.features] // shape.ports
        return turns(shape.slices_out, shape.step)[per_token - 1 :: per_token]

    def text(self, parallelism: Parallelism) -> tuple[str, ...]:
        """The matrix, its nonzeros and the lanes."""
        share = self.pattern.nonzeros / (self.dense.K * self.features)
        return f"{self.dense.K} → {self.features}, {100 * share:.0f} % nonzero", self.dense.text(parallelism)[1]

    def process(self, facts: Facts, parallelism: Parallelism, reads: Sequence[str], writes: Sequence[str]) -> Process:
        """Parameters as in kernel_lib/sparse_matmul/kernel.yaml."""
        shape, program = self.shape(parallelism), self.program(parallelism)
        parameters = self.dense.constants(parallelism) | {
            "nonzeros": self.pattern.nonzeros,
            "ports": shape.ports,
            "horizon": shape.horizon,
            "lag": program.lag,
            "T": shape.step,
            "latency": self.latency(parallelism),
        }
        return Process(parameters, self.schedule(parallelism, reads[0], writes[0], rows_of(self.repeat, facts.rows)))

    def schedule(self, parallelism: Parallelism, stream: str, output: str, rows: int) -> Items:
        """The flattened loop of `kernel_lib/sparse_matmul`: step s reads row s, and multiplies row s-1."""
        step, lag = self.shape(parallelism).step, self.program(parallelism).lag
        read, written = self._read(parallelism), self._written(parallelism)
        return stepped_schedule(stream, output, rows, step, read, written, lag, self.latency(parallelism))
