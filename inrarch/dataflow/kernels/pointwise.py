"""A region of pointwise nodes, fused into one pipeline: a token every I cycles, its operators shared where I > 1."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import onnx_ir as ir

from inrarch.dataflow.kernels.pointwise_sharing import MOST_INTERVAL, Lane, NodeCost, Pipeline, Value
from inrarch.dataflow.logic import counter, product, taken
from inrarch.dataflow.modulo_schedule import Operation
from inrarch.dataflow.naming import counted
from inrarch.dataflow.operator_latency import operator_latency
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.resources import (
    Cost,
    factor_cost,
    operation_cost,
    product_rounding,
    rom,
    table_cost,
    tile_grid,
    total,
)
from inrarch.dataflow.schedules import Items, repeated
from inrarch.dataflow.timing import Timing
from inrarch.dataflow.units import Facts, Input, Process, Unit, rows_of
from inrarch.numeric.reductions import PhaseTable, Table
from inrarch.numeric.tables import build_table
from inrarch.numeric.view import TABLES, function_of, name_of, operands

TABLE_PRODUCTS = 4
"""Most products of a function table: two of the polynomial, two of the range reduction."""


@dataclass(frozen=True, kw_only=True)
class Region(Unit):
    """Pointwise nodes (in topological order) on the same features of the same row, fused into one pipeline.

    A field that no node makes is passed on from an input.
    """

    kernel: ClassVar[str] = "pointwise"
    kind: ClassVar[str] = "pointwise"
    passes_on: ClassVar[bool] = True
    nodes: tuple[str, ...]
    inputs: tuple[Input, ...]

    @property
    def reads(self) -> tuple[Input, ...]:
        """One stream per unit that it reads."""
        return self.inputs

    def options(self, facts: Facts, stream_lanes: Mapping[int, int]) -> Sequence[tuple[int, int]]:
        """Intervals between two tokens, the longest first: the longer, the more of its nodes share an operator."""
        tokens = self.repeat * (self.features // stream_lanes[self.features])
        return [(tokens * interval, interval) for interval in reversed(self.lane(facts).intervals())]

    def interval(self, parallelism: Parallelism) -> int:
        """Cycles between two tokens, I."""
        interval = parallelism.choices.get(self.name, 1)
        assert isinstance(interval, int)
        return interval

    def cycles_per_row(self, parallelism: Parallelism) -> int:
        """One token per interval."""
        tokens = self.repeat * self.row_tokens(parallelism)
        return tokens * self.interval(parallelism)

    def cost(self, facts: Facts, parallelism: Parallelism) -> Cost:
        """Every lane: the operators that its nodes need at this interval. Once: the words read, constants, the pace."""
        lanes, tokens, target = parallelism.stream_lanes[self.features], self.row_tokens(parallelism), facts.target
        pipeline, interval = self.pipeline(facts, parallelism), self.interval(parallelism)
        bits = facts.formats.data_bits * lanes
        read = total(taken(bits * len(each.fields)) for each in self.inputs)
        constants = total(rom(tokens, lanes * each, target) for each in self.constants(facts))
        counted = 2 * (tokens * rows_of(self.repeat, facts.rows)).bit_length() + tokens.bit_length()
        pace = counter(counted + pipeline.latency.bit_length(), target) + Cost(ff=interval)
        return pipeline.cost.times(lanes) + read + constants + pace

    def constants(self, facts: Facts) -> tuple[int, ...]:
        """Bits of the constants that differ between features: they are in memories."""
        key = ("constants", self.name)
        if key not in facts.memo:
            facts.memo[key] = _constants([facts.nodes[name] for name in self.nodes], facts)
        found = facts.memo[key]
        assert isinstance(found, tuple)
        return found

    def eased(self, facts: Facts, parallelism: Parallelism, cycles: int) -> int | None:
        """The longest interval that keeps up with `cycles` per row and lets a token leave no later.

        The pipeline moves while it reads, so it holds latency / I tokens back; beyond its latency it holds none.
        """
        tokens = self.repeat * self.row_tokens(parallelism)
        chosen, latency = self.interval(parallelism), self.latency(facts, parallelism)
        longest = min(cycles // tokens, MOST_INTERVAL, latency + 1) if tokens else 0
        for interval in range(longest, chosen, -1):
            if self.latency(facts, replace(parallelism, choices={self.name: interval})) <= latency:
                return interval
        return None

    def alike(self, facts: Facts) -> Hashable:
        """Equal lanes."""
        return self.repeat, self.lane(facts)

    def lane(self, facts: Facts) -> Lane:
        """One lane: its nodes and what they share."""
        key = ("lane", self.name)
        if key not in facts.memo:
            facts.memo[key] = _lane([facts.nodes[name] for name in self.nodes], self.fields, facts)
        lane = facts.memo[key]
        assert isinstance(lane, Lane)
        return lane

    def pipeline(self, facts: Facts, parallelism: Parallelism) -> Pipeline:
        """One lane at the interval chosen."""
        key = ("pipeline", self.name, self.interval(parallelism))
        if key not in facts.memo:
            facts.memo[key] = self.lane(facts).pipeline(self.interval(parallelism))
        pipeline = facts.memo[key]
        assert isinstance(pipeline, Pipeline)
        return pipeline

    def latency(self, facts: Facts, parallelism: Parallelism) -> int:
        """Cycles from the reads of a token to its write."""
        return self.pipeline(facts, parallelism).latency

    def timing(self, facts: Facts, parallelism: Parallelism) -> Timing:
        """A token of every input per interval, the result `latency` cycles later."""
        interval = self.interval(parallelism)
        reads = np.arange(max(self.repeat, 1) * self.row_tokens(parallelism)) * interval
        return Timing(len(reads) * interval, (reads,) * len(self.inputs), reads + self.latency(facts, parallelism))

    def text(self, parallelism: Parallelism) -> tuple[str, ...]:
        """Its width and size."""
        lanes = parallelism.stream_lanes[self.features]
        return f"{counted(self.features, 'feature')}, {lanes} wide", counted(len(self.nodes), "operation")

    def process(self, facts: Facts, parallelism: Parallelism, reads: Sequence[str], writes: Sequence[str]) -> Process:
        """One token of every input per interval, the result `latency` cycles later."""
        lanes, interval = parallelism.stream_lanes[self.features], self.interval(parallelism)
        pipeline = self.pipeline(facts, parallelism)
        tokens = rows_of(self.repeat, facts.rows) * self.row_tokens(parallelism)
        parameters = {
            "nodes": list(self.nodes),
            "features": self.features,
            "lanes": lanes,
            "inputs": [
                {"stream": stream, "fields": list(read.fields)} for stream, read in zip(reads, self.inputs, strict=True)
            ],
            "output_fields": list(self.fields),
            "interval": interval,
            "latency": pipeline.latency,
            "multipliers": lanes * pipeline.multipliers,
            "starts": list(pipeline.schedule.starts),
            "instances": list(pipeline.instances),
        }
        return Process(parameters, region_schedule(reads, writes[0], tokens, interval, pipeline.latency))


def region_schedule(streams: Sequence[str], output: str, tokens: int, interval: int, latency: int) -> Items:
    """One token of every input per interval, the result `latency` cycles later."""
    reads: Items = [{"at": 0, "read": stream} for stream in streams]
    return [repeated(0, tokens, interval, [*reads, {"at": latency, "write": output}])]


def _lane(nodes: Sequence[ir.Node], leaving: Sequence[str], facts: Facts) -> Lane:
    """One lane of a region; nodes in topological order. leaving: tensors of its output stream."""
    made = {name_of(node.outputs[0]): index for index, node in enumerate(nodes)}
    numbers: dict[Hashable, int] = {}
    readers: dict[str, list[int]] = {name: [] for name in (*made, *leaving)}
    operations, costs, operand_bits, products = [], [], [], []
    for index, node in enumerate(nodes):
        computed = [name_of(value) for value in operands(node) if value.const_value is None]
        for name in dict.fromkeys(computed):
            readers.setdefault(name, []).append(index)
        cost = _node_cost(node, facts)
        costs.append(cost)
        operator = None
        if cost.own.dsp or cost.own.bram18:
            operator = numbers.setdefault(_operator(node, facts), len(numbers))
        after = tuple(sorted({made[name] for name in computed if name in made}))
        operations.append(Operation(operator_latency(node.op_type, _table(node, facts)), after, operator))
        factors = facts.formats.operands_of(str(node.name), [name_of(value) for value in operands(node)])
        operand_bits.append(sum(each.bits for each in factors))
        products.append(TABLE_PRODUCTS if node.op_type in TABLES else int(node.op_type == "Mul"))
    values = tuple(
        Value(facts.formats.of(name).bits, made.get(name), tuple(users), name in leaving)
        for name, users in readers.items()
    )
    return Lane(facts.target, tuple(operations), tuple(costs), tuple(operand_bits), tuple(products), values)


def _operator(node: ir.Node, facts: Facts) -> Hashable:
    """What nodes that can share an operator have in common."""
    formats = facts.formats
    values = [name_of(value) for value in operands(node)]
    table = _table(node, facts)
    if table is None:
        first, second = formats.operands_of(str(node.name), values)
        return node.op_type, tile_grid(first.bits, second.bits, facts.target.shape)
    return replace(table, function="", worst_error_lsb=0.0) if isinstance(table, PhaseTable) else table


def _table(node: ir.Node, facts: Facts) -> Table | None:
    """The table of a function."""
    if node.op_type not in TABLES:
        return None
    source, target = name_of(node.inputs[0]), name_of(node.outputs[0])
    return build_table(function_of(node), facts.formats.of(source), facts.formats.of(target))


def _node_cost(node: ir.Node, facts: Facts) -> NodeCost:
    formats, target = facts.formats, facts.target
    values = [name_of(value) for value in operands(node)]
    table = _table(node, facts)
    if table is not None:
        cost = table_cost(table, target)
        return NodeCost(cost, cost)
    factors, result = formats.operands_of(str(node.name), values), formats.of(name_of(node.outputs[0]))
    own = operation_cost(node.op_type, factors, result, target)
    if node.op_type != "Mul":
        return NodeCost(own)
    fronts = tuple(
        (name, factor_cost(formats.of(name).bits, each.bits, target))
        for name, each in zip(values, factors, strict=True)
    )
    ending = (sum(each.frac for each in factors) - result.frac, result.bits)
    shared = product(factors[0].bits, factors[1].bits, target)
    return NodeCost(
        own + total(front for _, front in fronts), shared, fronts, product_rounding(factors, result, target), ending
    )


def _constants(nodes: Sequence[ir.Node], facts: Facts) -> tuple[int, ...]:
    """Bits of each constant of these nodes that differs between features."""
    values = {name_of(value): value.const_value for node in nodes for value in operands(node)}
    return tuple(
        facts.formats.of(name).bits if name in facts.formats.tensors else 1
        for name, value in values.items()
        if value is not None and np.unique(value.numpy()).size > 1
    )
