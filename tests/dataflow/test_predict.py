"""The closed form of the cycles: exact for FIFOs whose words can be read a cycle after their write."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import onnx_ir as ir
import pytest

from inrarch import derive
from inrarch.boards import load_board
from inrarch.config.model import Constraints
from inrarch.dataflow.mapping import map_network
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.partition import partition
from inrarch.dataflow.sparsity import sparse_choices
from inrarch.dataflow.units import Facts, Unit, Units
from inrarch.errors import UserError
from inrarch.fifo.load import parse
from inrarch.fifo.simulate import Simulator
from inrarch.graph.load import load_model
from inrarch.graph.lowering.pipeline import lower
from inrarch.graph.passes.pipeline import optimize
from tests.dataflow.networks import at_row_time, plain_facts, plain_formats, slowest
from tests.dataflow.test_batch_units import gradient
from tests.dataflow.test_batch_units import mapped as mapped_gradient
from tests.fifo.naive import unroll
from tests.models import perceptron, siren
from tests.stages import general_networks as networks


def lowered(model: Any, **asked: Any) -> ir.Model:
    derivative, _ = optimize(load_model(derive(model, method="taylor", **asked)))
    return lower(derivative)[0]


GRAPHS: dict[str, Callable[[], ir.Model]] = {
    "siren": lambda: lowered(siren((2, 24, 8, 3)), order=2),
    "perceptron": lambda: lowered(perceptron((2, 12, 12, 1), "Tanh"), outputs=["hessian"]),
    "skip": lambda: lowered(networks.concatenated_skip(), order=2),
    "bilinear": lambda: lowered(networks.bilinear(), order=1),
    "convolution": lambda: lowered(networks.convolution(), order=1),
    "normalized": lambda: lowered(networks.normalized(), order=1),
    "layer_norm": lambda: lowered(networks.layer_norm(), order=1),
    "attention": lambda: lowered(networks.attention(), order=1),
}


@cache
def graph_of(name: str) -> ir.Model:
    return GRAPHS[name]()


def simulated(network: dict[str, Any]) -> int | None:
    """Exactly, with FIFOs that are deep enough and as fast as registers."""
    for stream in network["streams"]:
        stream["latency"] = 1
    return Simulator(parse(network)).run(None).cycles


@pytest.mark.parametrize("rows", [1, 7, 64, 3000])
@pytest.mark.parametrize("name", GRAPHS)
def test_cycles_are_those_of_the_exact_simulation(name: str, rows: int) -> None:
    graph = graph_of(name)
    for dsp, objective in ((40, "throughput"), (400, "latency"), (None, "throughput")):
        limits = Constraints(1.0, 1.0, 1.0, 1.0, 1.0, dsp)
        try:
            network = map_network(graph, plain_formats(graph), load_board("u50"), limits, rows, {}, objective=objective)
        except UserError:
            continue
        assert network["model"]["cycles"] == simulated(network)


@pytest.mark.parametrize("rows", [1, 4, 64])
def test_cycles_of_sums_over_the_batch_are_exact(rows: int) -> None:
    network = mapped_gradient(gradient(rows), rows, 700)
    assert network["model"]["cycles"] == simulated(network)


def accesses(unit: Unit, units: Units, facts: Facts, chosen: Parallelism) -> dict[str, list[int]]:
    """The stages at which a unit reads each stream, and writes, as its schedule says; of a sink, when it is done."""
    reads = [link.name for link in units.incoming(unit.name)]
    writes = [link.name for link in units.outgoing(unit.name)]
    process = unit.process(facts, chosen, reads, writes)
    found: dict[str, list[int]] = {name: [] for name in (*reads, *writes)}
    for stage, _, stream in unroll(process.schedule, 0, program=False):
        found[stream].append(stage)
    if process.end is not None:
        found["end"] = [process.end + 1]
    return {name: sorted(stages) for name, stages in found.items()}


def expected(unit: Unit, units: Units, facts: Facts, chosen: Parallelism) -> dict[str, list[int]]:
    """The same by the timing of one row."""
    timing = unit.timing(facts, chosen)
    begins = np.arange(facts.rows if unit.repeat or unit.over_batch else 1)[:, None] * timing.step
    last = begins[-1:] if unit.over_batch else begins
    links = units.incoming(unit.name)
    found = {link.name: (begins + reads).ravel() for link, reads in zip(links, timing.reads, strict=True)}
    found |= {link.name: (last + timing.writes).ravel() for link in units.outgoing(unit.name)}
    if not unit.fields:
        found["end"] = begins[-1] + timing.writes
    return {name: stages.tolist() for name, stages in found.items()}


@pytest.mark.parametrize("name", [*GRAPHS, "gradient"])
@pytest.mark.parametrize("sparse", [False, True])
def test_timings_of_rows_are_those_of_the_schedules(name: str, sparse: bool) -> None:
    graph = gradient(3) if name == "gradient" else graph_of(name)
    facts = plain_facts(graph, rows=3)
    units = partition(graph)
    units = sparse_choices(units, facts, "always", {})[0] if sparse else units
    for chosen in (slowest(units, facts), at_row_time(units, facts, 64)):
        for unit in units.units if chosen else ():
            assert accesses(unit, units, facts, chosen) == expected(unit, units, facts, chosen)
