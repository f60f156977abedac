"""An optimized graph, its number formats and a board -> the process network `network.json`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import onnx_ir as ir

from inrarch.config.model import Board, Constraints, Lanes
from inrarch.dataflow.budget import budget_of, too_small
from inrarch.dataflow.costs import network_cost, token_bits
from inrarch.dataflow.parallelism import Parallelism, check_pinned, fastest, for_row_time, slowest_row_time
from inrarch.dataflow.partition import partition
from inrarch.dataflow.predict import predict_cycles
from inrarch.dataflow.resources import Cost
from inrarch.dataflow.sparsity import sparse_choices
from inrarch.dataflow.target import target_of
from inrarch.dataflow.units import Facts, Unit, Units
from inrarch.numeric.formats import Formats


def map_network(
    model: ir.Model,
    formats: Formats,
    board: Board,
    constraints: Constraints,
    rows: int,
    pinned: Mapping[str, Lanes],
    others: Callable[[], Sequence[Board]] = tuple,
    sparse: str = "auto",
) -> dict[str, Any]:
    """The content of `network.json` (schemas/network.schema.json): processes, streams, and the model's predictions.

    model: in the optimizer's form. pinned: lanes by unit name; the rest is chosen. others: gives the boards to name in
    the error where this one is too small. sparse: `auto`, `never` or `always` (`inrarch.dataflow.sparsity`).

    Raises UserError for structure without hardware, impossible pinned lanes, and a board that is too small.
    """
    dense = partition(model)
    check_pinned(dense, pinned)
    nodes = {str(node.name): node for node in model.graph}

    def facts_of(candidate: Board) -> Facts:
        return Facts(nodes, model.graph.initializers, formats, target_of(candidate), rows)

    facts, budget = facts_of(board), budget_of(board, constraints)
    found: list[tuple[Units, Parallelism]] = []
    for units in sparse_choices(dense, facts, sparse):
        parallelism = fastest(units, facts, pinned, partial(network_cost, units, facts), budget)
        if parallelism is not None:
            found.append((units, parallelism))
    if not found:
        slow = for_row_time(dense, facts, pinned, slowest_row_time(dense, facts, pinned))
        assert slow is not None

        def least(candidate: Board) -> Cost:
            return network_cost(dense, facts_of(candidate), slow)

        raise too_small(least, board, constraints, others(), bool(pinned))
    return _network(*min(found, key=lambda each: _rank(each[0], each[1], facts)), facts)


def _rank(units: Units, parallelism: Parallelism, facts: Facts) -> tuple[int, int, int]:
    """The smaller, the better: row time, then multipliers, then memories."""
    cost = network_cost(units, facts, parallelism)
    return max(unit.cycles_per_row(parallelism) for unit in units.units), cost.dsp, cost.bram18


def _network(units: Units, parallelism: Parallelism, facts: Facts) -> dict[str, Any]:
    """The content of the file, for a parallelism that is chosen."""
    steps = {unit.name: unit.cycles_per_row(parallelism) for unit in units.units}
    costs = {unit.name: unit.cost(facts, parallelism) for unit in units.units}
    slowest = max(steps, key=lambda name: (steps[name], costs[name].dsp))
    return {
        "rows": facts.rows,
        "sequential": True,
        "model": {
            "cycles": predict_cycles(units, facts, parallelism),
            "cycles_per_row": steps[slowest],
            "bottleneck": slowest,
            "macs_per_row": sum(unit.macs_per_row() for unit in units.units),
            "multipliers": sum(unit.multipliers(parallelism) for unit in units.units),
            **asdict(network_cost(units, facts, parallelism)),
        },
        "streams": [
            {
                "name": link.name,
                "bits": token_bits(link, facts, parallelism),
                "from": link.writer,
                "to": link.reader,
                "features": link.features,
                "lanes": parallelism.stream_lanes[link.features],
                "fields": list(link.fields),
                **({} if link.repeat == 1 else {"repeat": link.repeat}),
            }
            for link in units.links
        ],
        "processes": [_process(unit, units, facts, parallelism) for unit in units.units],
    }


def _process(unit: Unit, units: Units, facts: Facts, parallelism: Parallelism) -> dict[str, Any]:
    reads = [link.name for link in units.incoming(unit.name)]
    writes = [link.name for link in units.outgoing(unit.name)]
    process = unit.process(facts, parallelism, reads, writes)
    return {
        "name": unit.name,
        "kernel": unit.kernel,
        "cycles_per_row": unit.cycles_per_row(parallelism),
        "resources": asdict(unit.cost(facts, parallelism)),
        "parameters": process.parameters,
        "schedule": process.schedule,
        **({} if process.end is None else {"end": process.end}),
    }
