"""An optimized graph, its number formats and a board -> the process network `network.json`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import onnx_ir as ir

from inrarch.config.model import Board, Constraints, Lanes
from inrarch.dataflow.budget import budget_of, too_small
from inrarch.dataflow.costs import Costing
from inrarch.dataflow.latency import matmul_latency, region_latency
from inrarch.dataflow.parallelism import (
    Parallelism,
    check_pinned,
    fastest,
    for_row_time,
    slowest_row_time,
)
from inrarch.dataflow.partition import partition
from inrarch.dataflow.predict import cycles_per_row, predict_cycles
from inrarch.dataflow.resources import Cost
from inrarch.dataflow.schedules import (
    Items,
    fork_schedule,
    matmul_schedule,
    region_schedule,
    sink_end,
    sink_schedule,
    source_schedule,
)
from inrarch.dataflow.units import Matmul, Region, Sink, Source, Unit, Units
from inrarch.numeric.formats import Formats


def map_network(
    model: ir.Model,
    formats: Formats,
    board: Board,
    constraints: Constraints,
    rows: int,
    pinned: Mapping[str, Lanes],
    others: Callable[[], Sequence[Board]] = tuple,
) -> dict[str, Any]:
    """The content of `network.json` (schemas/network.schema.json): processes, streams, and the model's predictions.

    model: in the optimizer's form. pinned: lanes by unit name; the rest is chosen. others: gives the boards to name in
    the error where this one is too small.

    Raises UserError for structure without hardware, impossible pinned lanes, and a board that is too small.
    """
    units = partition(model)
    check_pinned(units, pinned)
    nodes = {str(node.name): node for node in model.graph}
    budget = budget_of(board, constraints)
    costing = Costing(units, nodes, formats, board.dsp_shape)
    parallelism = fastest(units, pinned, costing.all, budget)
    if parallelism is None:
        slow = for_row_time(units, pinned, slowest_row_time(units, pinned))
        assert slow is not None

        def least(candidate: Board) -> Cost:
            return Costing(units, nodes, formats, candidate.dsp_shape).all(slow)

        raise too_small(least, board, constraints, others(), bool(pinned))
    return _Writer(costing, parallelism, rows).network()


class _Writer:
    """Writes a network whose parallelism is chosen."""

    def __init__(self, costing: Costing, parallelism: Parallelism, rows: int) -> None:
        self.costing = costing
        self.units: Units = costing.units
        self.parallelism = parallelism
        self.rows = rows
        self.latencies = {
            unit.name: matmul_latency(parallelism.lanes[unit.name].inputs)
            if isinstance(unit, Matmul)
            else region_latency(tuple(costing.nodes[name] for name in unit.nodes))
            for unit in self.units.units
            if isinstance(unit, Matmul | Region)
        }

    def network(self) -> dict[str, Any]:
        """The content of the file."""
        steps = {unit.name: cycles_per_row(unit, self.parallelism) for unit in self.units.units}
        costs = {unit.name: self.costing.unit(unit, self.parallelism) for unit in self.units.units}
        slowest = max(steps, key=lambda name: (steps[name], costs[name].dsp))
        matmuls = self.units.matmuls()
        lanes = self.parallelism.lanes
        return {
            "rows": self.rows,
            "sequential": True,
            "model": {
                "cycles": predict_cycles(self.units, self.parallelism, self.latencies, self.rows),
                "cycles_per_row": steps[slowest],
                "bottleneck": slowest,
                "macs_per_row": sum(unit.K * unit.M * unit.coefficients for unit in matmuls),
                "multipliers": sum(
                    lanes[unit.name].inputs * lanes[unit.name].outputs * unit.coefficients for unit in matmuls
                ),
                **asdict(self.costing.all(self.parallelism)),
            },
            "streams": [
                {
                    "name": link.name,
                    "bits": self.costing.token_bits(len(link.fields), link.features, self.parallelism),
                    "from": link.writer,
                    "to": link.reader,
                    "features": link.features,
                    "lanes": self.parallelism.stream_lanes[link.features],
                    "fields": list(link.fields),
                }
                for link in self.units.links
            ],
            "processes": [self._process(unit, steps[unit.name], costs[unit.name]) for unit in self.units.units],
        }

    def _process(self, unit: Unit, step: int, cost: Cost) -> dict[str, Any]:
        ins = [link.name for link in self.units.incoming(unit.name)]
        outs = [link.name for link in self.units.outgoing(unit.name)]
        width = self.parallelism.stream_lanes[unit.features]
        tokens = self.rows * (unit.features // width)
        end: dict[str, int] = {}
        parameters: dict[str, Any]
        schedule: Items
        if isinstance(unit, Source):
            kernel = "source"
            parameters = {"port": unit.port, "features": unit.features, "fields": list(unit.fields), "lanes": width}
            schedule = source_schedule(outs[0], tokens, width)
        elif isinstance(unit, Matmul):
            kernel = "matmul"
            parameters = self._matmul_parameters(unit)
            shape = self.parallelism.shape(unit)
            schedule = matmul_schedule(ins[0], outs[0], self.rows, shape, self.latencies[unit.name])
        elif isinstance(unit, Region):
            kernel = "pointwise"
            latency = self.latencies[unit.name]
            parameters = {
                "nodes": list(unit.nodes),
                "features": unit.features,
                "lanes": width,
                "inputs": [
                    {"stream": stream, "fields": list(read.fields)}
                    for stream, read in zip(ins, unit.inputs, strict=True)
                ],
                "output_fields": list(unit.fields),
                "latency": latency,
            }
            schedule = region_schedule(ins, outs[0], tokens, latency)
        elif isinstance(unit, Sink):
            kernel = "sink"
            link = self.units.incoming(unit.name)[0]
            parameters = {
                "port": unit.name,
                "features": unit.features,
                "fields": list(link.fields),
                "outputs": list(unit.outputs),
                "lanes": width,
            }
            words = width * len(unit.outputs)
            schedule = sink_schedule(ins[0], tokens, words)
            end = {"end": sink_end(tokens, words)}
        else:
            kernel = "fork"
            parameters = {"features": unit.features, "fields": list(unit.fields), "lanes": width, "outputs": outs}
            schedule = fork_schedule(ins[0], outs, tokens)
        return {
            "name": unit.name,
            "kernel": kernel,
            "cycles_per_row": step,
            "resources": asdict(cost),
            "parameters": parameters,
            "schedule": schedule,
            **end,
        }

    def _matmul_parameters(self, unit: Matmul) -> dict[str, Any]:
        lanes, shape = self.parallelism.lanes[unit.name], self.parallelism.shape(unit)
        return {
            "node": unit.node,
            "nodes": list(unit.nodes),
            "weight": unit.weight,
            "inputs": list(unit.operands),
            "outputs": list(unit.fields),
            "biases": list(unit.biases),
            "K": unit.K,
            "M": unit.M,
            "C": unit.coefficients,
            "lanes_in": lanes.inputs,
            "lanes_out": lanes.outputs,
            "stream_lanes_in": self.parallelism.stream_lanes[unit.K],
            "stream_lanes_out": self.parallelism.stream_lanes[unit.M],
            "T": shape.step,
            "latency": self.latencies[unit.name],
        }
