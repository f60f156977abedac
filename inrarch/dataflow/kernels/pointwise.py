"""A region of pointwise nodes, fused into one pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import onnx_ir as ir

from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.resources import Cost, operation_cost, table_cost, total
from inrarch.dataflow.schedules import Items, repeated
from inrarch.dataflow.units import Facts, Input, Process, Span, Unit, earliest, rows_of
from inrarch.numeric.tables import build_table
from inrarch.numeric.view import TABLES, name_of, operands

OPERATORS: Mapping[str, int] = {
    "Identity": 1,
    "Neg": 1,
    "Relu": 1,
    "Greater": 1,
    "Where": 1,
    "Add": 2,
    "Sub": 2,
    "Mul": 5,
} | dict.fromkeys(TABLES, 18)
"""Cycles, for a 300 MHz pipeline on UltraScale+ (AMD UG579: 3 stages per DSP slice, 4 with a second tile). Align and
add, then round and saturate: 2. Product 4, then round and saturate: 5. Table: range reduction 5, memory 2, two products
with additions 10, saturation 1."""


@dataclass(frozen=True, kw_only=True)
class Region(Unit):
    """Pointwise nodes (in topological order) on the same features of the same row, fused into one pipeline.

    A field that no node makes is passed on from an input.
    """

    kernel: ClassVar[str] = "pointwise"
    nodes: tuple[str, ...]
    inputs: tuple[Input, ...]
    makes: tuple[str, ...]

    @property
    def reads(self) -> tuple[Input, ...]:
        """One stream per unit that it reads."""
        return self.inputs

    @property
    def fields(self) -> tuple[str, ...]:
        """The tensors that others need."""
        return self.makes

    def cycles_per_row(self, parallelism: Parallelism) -> int:
        """One per token."""
        return self.repeat * (self.features // parallelism.stream_lanes[self.features])

    def cost(self, facts: Facts, parallelism: Parallelism) -> Cost:
        """Every node once per lane."""
        return self.lane(facts).times(parallelism.stream_lanes[self.features])

    def lane(self, facts: Facts) -> Cost:
        """One lane: every node once."""
        return total(_node_cost(facts.nodes[name], facts) for name in self.nodes)

    def latency(self, facts: Facts) -> int:
        """Cycles from the reads of a token to its write."""
        return region_latency(tuple(facts.nodes[name] for name in self.nodes))

    def span(self, facts: Facts, parallelism: Parallelism, arrivals: Sequence[Span]) -> Span:
        """`latency` cycles later."""
        first, last = earliest(arrivals)
        latency = self.latency(facts)
        tokens = rows_of(self.repeat, facts.rows) * (self.features // parallelism.stream_lanes[self.features])
        return Span(first + latency, last + latency, min(latency + 1, tokens))

    def process(self, facts: Facts, parallelism: Parallelism, reads: Sequence[str], writes: Sequence[str]) -> Process:
        """One token of every input per cycle, the result `latency` cycles later."""
        lanes, latency = parallelism.stream_lanes[self.features], self.latency(facts)
        tokens = rows_of(self.repeat, facts.rows) * (self.features // lanes)
        parameters = {
            "nodes": list(self.nodes),
            "features": self.features,
            "lanes": lanes,
            "inputs": [
                {"stream": stream, "fields": list(read.fields)} for stream, read in zip(reads, self.inputs, strict=True)
            ],
            "output_fields": list(self.fields),
            "latency": latency,
        }
        return Process(parameters, region_schedule(reads, writes[0], tokens, latency))


def region_latency(nodes: tuple[ir.Node, ...]) -> int:
    """The longest path through a region's nodes (in topological order), and 1 for the register of its output."""
    ready: dict[str, int] = {}
    for node in nodes:
        start = max((ready.get(name_of(value), 0) for value in operands(node)), default=0)
        ready[name_of(node.outputs[0])] = start + OPERATORS[node.op_type]
    return 1 + max(ready.values(), default=0)


def region_schedule(streams: Sequence[str], output: str, tokens: int, latency: int) -> Items:
    """One token of every input per cycle, the result `latency` cycles later."""
    reads: Items = [{"at": 0, "read": stream} for stream in streams]
    return [repeated(0, tokens, 1, [*reads, {"at": latency, "write": output}])]


def _node_cost(node: ir.Node, facts: Facts) -> Cost:
    formats = facts.formats
    values = [name_of(value) for value in operands(node)]
    result = name_of(node.outputs[0])
    if node.op_type in TABLES:
        table = build_table(node.op_type.lower(), formats.of(values[0]), formats.of(result))
        return table_cost(table, facts.target)
    bits = [taken.bits for taken in formats.operands_of(str(node.name), values)]
    return operation_cost(node.op_type, bits, formats.of(result).bits, facts.target)
