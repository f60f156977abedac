"""Sums over the batch as units: which there are, what they read, and how long a network with them takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx_ir as ir
import pytest

from inrarch.boards import load_board
from inrarch.config.model import Constraints
from inrarch.dataflow.kernels.accumulate import Accumulate
from inrarch.dataflow.kernels.outer import Outer
from inrarch.dataflow.mapping import map_network
from inrarch.dataflow.partition import partition
from inrarch.derivatives.api import derive_graph
from inrarch.errors import UserError
from inrarch.fifo.load import parse
from inrarch.fifo.sizing import solve
from inrarch.graph.load import load_model
from inrarch.graph.lowering.pipeline import lower
from inrarch.graph.recorded_batch import record_batch
from inrarch.numeric.calibration import largest_magnitudes
from inrarch.numeric.choose import Widths, choose_formats
from inrarch.numeric.samples import coordinate_count
from tests.models import Shape, build_model, node, siren

PARAMETERS = tuple(f"net.{layer}.{kind}" for layer in range(3) for kind in ("weight", "bias"))


def gradient(rows: int, width: int = 16) -> ir.Model:
    """Of a SIREN weighted by a vector (`vjp`), by all parameters, as the stage optimize writes it."""
    graph = derive_graph(load_model(siren((2, width, width, 1), w0=5.0)), parameters=PARAMETERS, by="vjp")
    record_batch(graph, rows)
    return lower(graph)[0]


def mapped(model: ir.Model, rows: int, dsp: int) -> dict[str, Any]:
    points = np.random.default_rng(0).uniform(-1, 1, (4 * rows, coordinate_count(model)))
    formats = choose_formats(model, largest_magnitudes(model, points), Widths(24, 18, 2))
    constraints = Constraints(1.0, 1.0, 1.0, 1.0, 1.0, dsp)
    return map_network(model, formats, load_board("u50"), constraints, rows, {})


def graph_of(*nodes: Any, outputs: dict[str, Shape], features: int = 3, **constants: np.ndarray) -> ir.Model:
    model = load_model(build_model(list(nodes), {"x": ["N", features]}, outputs, constants))
    record_batch(model, 4)
    return model


def test_every_weight_is_an_outer_unit_and_every_bias_an_accumulate_unit() -> None:
    units = partition(gradient(8)).units
    products = {unit.makes[0]: unit for unit in units if isinstance(unit, Outer)}
    sums = [unit for unit in units if isinstance(unit, Accumulate)]
    assert set(products) == {f"vjp:net.{layer}.weight" for layer in range(3)}
    assert {name for unit in sums for name in unit.makes} == {f"vjp:net.{layer}.bias" for layer in range(3)}
    hidden = products["vjp:net.1.weight"]
    assert (hidden.A, hidden.B, hidden.features, hidden.repeat) == (16, 16, 256, 0)
    assert hidden.macs_per_row() == 256


def test_streams_of_sums_come_once_and_readers_take_them_in_their_order() -> None:
    units = partition(gradient(8))
    for unit in units.units:
        if isinstance(unit, Outer):
            assert [link.repeat for link in units.incoming(unit.name)] == [1, 1]
            assert [link.repeat for link in units.outgoing(unit.name)] == [0]
            fields = [link.fields for link in units.incoming(unit.name)]
            assert unit.left.fields[0] in fields[0]
            assert unit.right.fields[0] in fields[1]
            assert [link.features for link in units.incoming(unit.name)] == [unit.A, unit.B]


@pytest.mark.parametrize(("rows", "dsp"), [(200, 30), (64, 120), (200, 400)])
def test_a_gradient_takes_as_long_as_predicted_and_does_not_deadlock(rows: int, dsp: int) -> None:
    network = mapped(gradient(rows), rows, dsp)
    found = solve(parse(network))
    assert found.deadlock_free
    assert found.cycles == pytest.approx(network["model"]["cycles"], rel=0.01)
    assert network["model"]["dsp"] <= dsp
    # The activations of the first layer wait for the sweep.
    deep = [name for name, depth in found.depths.items() if depth > 2]
    assert any(name.startswith("fork_net_0") for name in deep)


def test_more_rows_cost_their_row_time_and_the_sums_once() -> None:
    few, many = (mapped(gradient(rows), rows, 60) for rows in (16, 64))
    assert few["model"]["cycles_per_row"] == many["model"]["cycles_per_row"]
    assert many["model"]["cycles"] - few["model"]["cycles"] == 48 * few["model"]["cycles_per_row"]


def test_both_operands_may_be_one_stream() -> None:
    model = graph_of(
        node("Sin", ["x"], "s"), node("Gemm", ["s", "s"], "y", transA=1), outputs={"y": [3, 3], "s": ["N", 3]}
    )
    units = partition(model)
    unit = next(unit for unit in units.units if isinstance(unit, Outer))
    incoming = units.incoming(unit.name)
    assert len({link.name for link in incoming}) == 2
    assert {link.writer for link in incoming} == {"fork_Sin_s"}
    network = mapped(model, 4, 100)
    assert solve(parse(network)).deadlock_free


def test_sums_of_one_stream_are_one_unit() -> None:
    axes = np.array([0])
    model = graph_of(
        node("Sin", ["x"], "s"),
        node("Cos", ["x"], "c"),
        node("ReduceSum", ["s", "axes"], "a", keepdims=0),
        node("ReduceSum", ["c", "axes"], "b", keepdims=1),
        outputs={"a": [3], "b": [1, 3]},
        axes=axes,
    )
    (unit,) = [unit for unit in partition(model).units if isinstance(unit, Accumulate)]
    assert (unit.operands, unit.makes) == (("s", "c"), ("a", "b"))


def test_arithmetic_on_sums_is_a_region_of_one_row() -> None:
    model = graph_of(
        node("Sin", ["x"], "s"),
        node("Gemm", ["s", "x"], "p", transA=1),
        node("Gemm", ["x", "s"], "q", transA=1),
        node("Add", ["p", "q"], "y"),
        outputs={"y": [3, 3]},
    )
    network = mapped(model, 4, 100)
    streams = {stream["name"]: stream.get("repeat", 1) for stream in network["streams"]}
    assert streams["Add_y__sink_Add_y"] == 0
    region = next(process for process in network["processes"] if process["name"] == "Add_y")
    assert (region["kernel"], region["cycles_per_row"]) == ("pointwise", 0)


def test_a_product_of_a_sum_is_made_once_per_invocation() -> None:
    """Its lanes shorten the way to the end; its energy is that of one product, whatever the rows."""
    graph = graph_of(
        node("Sin", ["x"], "s"),
        node("ReduceSum", ["s", "axes"], "pooled", keepdims=1),
        node("Gemm", ["pooled", "weight"], "y"),
        outputs={"y": [1, 16]},
        axes=np.array([0]),
        weight=np.random.default_rng(0).normal(size=(3, 16)),
    )
    energies = []
    for rows in (4, 64):
        network = mapped(graph, rows, 100)
        (unit,) = [process for process in network["processes"] if process["kernel"] == "matmul"]
        assert (unit["cycles_per_row"], network["model"]["macs_per_row"]) == (0, 0)
        found = solve(parse(network))
        assert (found.deadlock_free, found.cycles) == (True, network["model"]["cycles"])
        energies.append(network["model"]["energy"]["parts"])
    assert energies[0]["multipliers"] > 0
    assert energies[1]["ports"] / energies[0]["ports"] == pytest.approx((64 * 3 + 16) / (4 * 3 + 16))
    latency = map_network(
        graph,
        choose_formats(graph, largest_magnitudes(graph, np.ones((4, 3))), Widths(24, 18, 2)),
        load_board("u50"),
        Constraints(1.0, 1.0, 1.0, 1.0, 1.0, None),
        4,
        {},
        objective="latency",
    )
    assert latency["model"]["cycles"] < mapped(graph, 4, 100)["model"]["cycles"]
    assert solve(parse(latency)).cycles == latency["model"]["cycles"]


@pytest.mark.parametrize("axis", [0, 1])
def test_a_sum_over_some_axes_of_a_sum_is_refused(axis: int) -> None:
    """A token of such a stream may hold more than the terms of one sum."""
    model = graph_of(
        node("Gemm", ["x", "x"], "p", transA=1),
        node("ReduceSum", ["p", "axes"], "y", keepdims=0),
        outputs={"y": [6]},
        features=6,
        axes=np.array([axis]),
    )
    with pytest.raises(UserError) as error:
        partition(model)
    assert error.value.text() == (
        "node 'ReduceSum_y': a sum over some axes of 'p', which is a sum over the batch, is not mapped to hardware "
        "yet; expected a sum over all its axes"
    )


def test_a_sum_over_all_axes_of_a_sum_is_one_number() -> None:
    model = graph_of(
        node("Gemm", ["x", "x"], "p", transA=1),
        node("ReduceSum", ["p", "axes"], "y", keepdims=0),
        outputs={"y": []},
        features=6,
        axes=np.array([0, 1]),
    )
    network = mapped(model, 4, 100)
    assert solve(parse(network)).deadlock_free
    (unit,) = [process for process in network["processes"] if process["kernel"] == "reduce"]
    assert (unit["parameters"]["terms"], unit["parameters"]["repeat"]) == (36, 0)


def test_a_sum_over_rows_with_inner_rows_is_refused() -> None:
    model = load_model(
        build_model(
            [node("ReduceSum", ["x", "axes"], "y", keepdims=0)],
            {"x": ["N", 5, 3]},
            {"y": [5, 3]},
            {"axes": np.array([0])},
        )
    )
    with pytest.raises(UserError) as error:
        partition(model)
    assert error.value.text() == (
        "node 'ReduceSum_y': tensor 'x' has 3 axes and is summed over the batch; expected [batch, features]"
    )


def test_a_sum_over_the_batch_and_features_at_once_is_refused() -> None:
    model = graph_of(
        node("Sin", ["x"], "s"), node("ReduceSum", ["s", "axes"], "y", keepdims=1), outputs={"y": [1, 1]},
        axes=np.array([0, 1]),
    )  # fmt: skip
    with pytest.raises(UserError) as error:
        partition(model)
    assert error.value.text() == (
        "node 'ReduceSum_y': a sum over the batch and over other axes at the same time is not mapped to hardware yet; "
        "expected a sum over the batch alone, or over other axes"
    )
