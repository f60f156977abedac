"""An optimized graph, its number formats and a board -> the process network `network.json`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import onnx_ir as ir

from inrarch.config.model import Board, Constraints, Lanes
from inrarch.dataflow.budget import limits_of
from inrarch.dataflow.costs import network_cost, token_bits
from inrarch.dataflow.energy import MODEL as ENERGY_MODEL
from inrarch.dataflow.energy import energy_of
from inrarch.dataflow.infeasible import Problem, infeasible
from inrarch.dataflow.parallelism import Parallelism, check_pinned
from inrarch.dataflow.partition import partition
from inrarch.dataflow.predict import predict_cycles
from inrarch.dataflow.search import Found, search
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
    *,
    objective: str = "throughput",
    clock_mhz: float | None = None,
    sparse: str = "auto",
) -> dict[str, Any]:
    """The content of `network.json` (schemas/network.schema.json): processes, streams, and the model's predictions.

    model: in the optimizer's form. pinned: lanes by unit name; the rest is chosen for `objective`. others: gives the
    boards to name in the error where this one is too small. clock_mhz: None = the board's typical clock. sparse: which
    matmul units leave zeros out (`inrarch.dataflow.sparsity`).

    Raises UserError for structure without hardware, impossible pinned lanes, and constraints that no design keeps to.
    """
    dense = partition(model, formats)
    check_pinned(dense, pinned)
    nodes = {str(node.name): node for node in model.graph}
    clock = board.clock_mhz if clock_mhz is None else clock_mhz

    def facts_of(candidate: Board) -> Facts:
        return Facts(nodes, model.graph.initializers, formats, target_of(candidate), rows)

    facts, limits = facts_of(board), limits_of(board, constraints, clock)
    choices = sparse_choices(dense, facts, sparse, pinned)
    designs = [(units, search(units, facts, pinned, limits, objective, clock)) for units in choices]
    found = [(units, each) for units, each in designs if each is not None]
    if not found:
        raise infeasible(Problem(choices[-1], facts_of, pinned, board, constraints, clock), others)
    return _network(*min(found, key=lambda design: _rank(design[0], design[1], facts)), facts, clock)


def _rank(units: Units, found: Found, facts: Facts) -> tuple[float, int, int]:
    """The smaller, the better: what was asked for, then multipliers, then memories."""
    cost = network_cost(units, facts, found.parallelism)
    return found.value, cost.dsp, cost.bram18


def _network(units: Units, found: Found, facts: Facts, clock_mhz: float) -> dict[str, Any]:
    """The content of the file, for a parallelism that is chosen."""
    parallelism = found.parallelism
    steps = {unit.name: unit.cycles_per_row(parallelism) for unit in units.units}
    costs = {unit.name: unit.cost(facts, parallelism) for unit in units.units}
    cycles = predict_cycles(units, facts, parallelism)
    taken = energy_of(units, facts, parallelism, cycles, clock_mhz, lambda unit: costs[unit.name])
    slowest = max(steps, key=lambda name: (steps[name], costs[name].dsp))
    return {
        "rows": facts.rows,
        "sequential": True,
        "model": {
            "cycles": cycles,
            "cycles_per_row": steps[slowest],
            "bottleneck": slowest,
            "macs_per_row": sum(unit.macs_per_row() for unit in units.units),
            "multipliers": sum(unit.multipliers(parallelism) for unit in units.units),
            **asdict(network_cost(units, facts, parallelism)),
            "energy": {"joules": taken.joules, "model": ENERGY_MODEL, "parts": asdict(taken)},
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
        "kind": unit.kind,
        "text": list(unit.text(parallelism)),
        "cycles_per_row": unit.cycles_per_row(parallelism),
        "macs_per_row": unit.macs_per_row(),
        "multipliers": unit.multipliers(parallelism),
        "resources": asdict(unit.cost(facts, parallelism)),
        "parameters": process.parameters,
        "schedule": process.schedule,
        **({} if process.end is None else {"end": process.end}),
    }
