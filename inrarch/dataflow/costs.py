"""Resources of every unit and stream of a network at a given parallelism."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import onnx_ir as ir

from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.resources import Cost, fifo_cost, matmul_cost, operation_cost, table_cost, total
from inrarch.dataflow.units import Matmul, Region, Unit, Units
from inrarch.numeric.formats import Formats
from inrarch.numeric.tables import build_table
from inrarch.numeric.view import TABLES, name_of, operands

PORT = Cost(lut=60, ff=100)
"""A source or sink: AXI stream registers and a counter (estimate)."""


@dataclass(frozen=True, slots=True)
class Costing:
    """What costs depend on besides the parallelism. nodes: the graph's nodes by name. shape: the board's multiplier."""

    units: Units
    nodes: Mapping[str, ir.Node]
    formats: Formats
    shape: tuple[int, int]

    def unit(self, unit: Unit, parallelism: Parallelism) -> Cost:
        """Resources of one unit."""
        if isinstance(unit, Matmul):
            return self._matmul(unit, parallelism)
        if isinstance(unit, Region):
            return self.lane(unit).times(parallelism.stream_lanes[unit.features])
        return PORT

    def lane(self, region: Region) -> Cost:
        """One lane of a region: every node once."""
        return total(self._node(self.nodes[name]) for name in region.nodes)

    def token_bits(self, fields: int, features: int, parallelism: Parallelism) -> int:
        """Width of a stream."""
        return fields * parallelism.stream_lanes[features] * self.formats.data_bits

    def all(self, parallelism: Parallelism) -> Cost:
        """Resources of the whole network, FIFOs of two words included."""
        streams = (
            fifo_cost(self.token_bits(len(link.fields), link.features, parallelism)) for link in self.units.links
        )
        return total(self.unit(unit, parallelism) for unit in self.units.units) + total(streams)

    def _matmul(self, unit: Matmul, parallelism: Parallelism) -> Cost:
        lanes = parallelism.lanes[unit.name]
        return matmul_cost(
            K=unit.K,
            M=unit.M,
            coefficients=unit.coefficients,
            lanes_in=lanes.inputs,
            lanes_out=lanes.outputs,
            data_bits=max(self.formats.of(name).bits for name in unit.operands),
            weight_bits=self.formats.of(unit.weight).bits,
            accumulator_bits=max(self.formats.accumulators[node] for node in unit.nodes),
            bias_rows=len({bias for bias in unit.biases if bias is not None}),
            shape=self.shape,
        )

    def _node(self, node: ir.Node) -> Cost:
        values = [name_of(value) for value in operands(node)]
        result = name_of(node.outputs[0])
        if node.op_type in TABLES:
            table = build_table(node.op_type.lower(), self.formats.of(values[0]), self.formats.of(result))
            return table_cost(table, self.shape)
        bits = [taken.bits for taken in self.formats.operands_of(str(node.name), values)]
        return operation_cost(node.op_type, bits, self.formats.of(result).bits, self.shape)
