"""An optimized graph, its number formats and a board -> the process network `network.json`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import onnx_ir as ir

from inrarch.config.model import Board, Constraints, Lanes
from inrarch.dataflow.budget import limits_of
from inrarch.dataflow.costs import network_cost, token_bits
from inrarch.dataflow.infeasible import Problem, infeasible
from inrarch.dataflow.parallelism import Parallelism, check_pinned
from inrarch.dataflow.partition import partition
from inrarch.dataflow.predict import predict_cycles
from inrarch.dataflow.search import Found, search
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
    *,
    objective: str = "throughput",
    clock_mhz: float | None = None,
) -> dict[str, Any]:
    """The content of `network.json` (schemas/network.schema.json): processes, streams, and the model's predictions.

    model: in the optimizer's form. pinned: lanes by unit name; the rest is chosen for `objective`. others: gives the
    boards to name in the error where this one is too small. clock_mhz: None = the board's typical clock.

    Raises UserError for structure without hardware, impossible pinned lanes, and constraints that no design keeps to.
    """
    units = partition(model, formats)
    check_pinned(units, pinned)
    nodes = {str(node.name): node for node in model.graph}
    clock = board.clock_mhz if clock_mhz is None else clock_mhz

    def facts_of(candidate: Board) -> Facts:
        return Facts(nodes, model.graph.initializers, formats, target_of(candidate), rows)

    facts = facts_of(board)
    found = search(units, facts, pinned, limits_of(board, constraints, clock), objective, clock)
    if found is None:
        raise infeasible(Problem(units, facts_of, pinned, board, constraints, clock), others)
    return _network(units, facts, found)


def _network(units: Units, facts: Facts, found: Found) -> dict[str, Any]:
    """The content of the file, for a parallelism that is chosen."""
    parallelism = found.parallelism
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
            "search": {
                "objective": found.objective,
                "value": found.value,
                "bound": found.bound,
                "gap": round(found.gap, 6),
                "unit": found.unit,
            },
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
