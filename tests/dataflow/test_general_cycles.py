"""Cycles of general graphs: predicted against the exact simulation with the solved depths, which never deadlock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import onnx
import pytest

from inrarch import derive
from inrarch.boards import load_board
from inrarch.dataflow.mapping import map_network
from inrarch.fifo.load import parse
from inrarch.fifo.promised import solve_promised
from inrarch.graph.load import load_model
from inrarch.graph.lowering.pipeline import lower
from inrarch.graph.passes.pipeline import optimize
from tests.dataflow.networks import FREE, plain_formats
from tests.models import siren
from tests.stages import general_networks as networks


@pytest.mark.parametrize(
    ("build", "asked"),
    [
        (networks.concatenated_skip, {"order": 2}),
        (networks.gated, {"order": 2}),
        (networks.bilinear, {"order": 1}),
        (networks.convolution, {"order": 2}),
        (networks.normalized, {"order": 2}),
        (networks.layer_norm, {"order": 2}),
        (lambda: siren((2, 8, 8, 1)), {"outputs": ["hessian"]}),
        (lambda: siren((2, 8, 8, 3)), {"outputs": ["jacobian"]}),
    ],
)
def test_general_graphs_run_as_fast_as_predicted(build: Callable[[], onnx.ModelProto], asked: dict[str, Any]) -> None:
    derivative, _ = optimize(load_model(derive(build(), method="taylor", **asked)))
    graph, _ = lower(derivative)
    network = map_network(graph, plain_formats(graph), load_board("u50"), FREE, 1024, {})
    predicted = network["model"]["cycles"]
    found = solve_promised(parse(network, "network"), predicted)
    assert predicted <= found.cycles <= predicted + 8
    assert found.deadlock_free
