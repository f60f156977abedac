"""The expanded graph: outputs, names, shapes, sharing."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper

from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.save import to_proto
from inrarch.graph.shapes import dims_of
from tests.derive_and_compare import check_against_series, derive_unoptimized
from tests.models import build_model, perceptron, siren


def names(graph: Any) -> list[str]:
    return [value.name for value in graph.graph.outputs]


def run(graph: Any, x: Any) -> list[Any]:
    session = onnxruntime.InferenceSession(to_proto(graph).SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})


def test_the_value_and_all_derivatives_have_the_shape_of_the_output() -> None:
    graph = derive_unoptimized(siren((2, 8, 3)), 2)
    assert names(graph) == ["y", "y_d0", "y_d1", "y_d00", "y_d01", "y_d11"]
    assert all(dims_of(value) == ("N", 3) for value in graph.graph.outputs)
    for rows in (1, 5):
        values = evaluate(graph, {"x": np.zeros((rows, 2))})
        assert all(array.shape == (rows, 3) for array in values.values())


def test_derivatives_that_are_zero_or_the_same_in_all_rows_are_produced_in_full() -> None:
    nodes = [helper.make_node("Gemm", ["x", "w", "b"], ["y"])]
    model = build_model(nodes, {"x": ["N", 2]}, {"y": ["N", 3]}, {"w": np.ones((2, 3)), "b": np.ones(3)})
    graph = derive_unoptimized(model, 2)
    for array in run(graph, np.zeros((4, 2), np.float32)):
        assert array.shape == (4, 3)
    assert "Identity" not in {node.op_type for node in graph.graph}
    check_against_series(
        build_model(nodes, {"x": ["N", 2]}, {"y": ["N", 3]}, {"w": np.ones((2, 3)), "b": np.ones(3)}, dtype=np.float64),
        2,
    )


def test_the_output_may_be_the_coordinates() -> None:
    graph = derive_unoptimized(build_model([helper.make_node("Identity", ["x"], ["y"])], {"x": [2]}, {"y": [2]}), 2)
    values = dict(zip(names(graph), run(graph, np.array([3.0, 4.0], np.float32)), strict=True))
    assert values["y_d0"].tolist() == [1.0, 0.0]
    assert values["y_d1"].tolist() == [0.0, 1.0]
    assert values["y_d01"].tolist() == [0.0, 0.0]


def test_two_outputs_with_the_same_derivative_are_two_values() -> None:
    """d/dx0 and d/dx1 of sin(x0 + x1) share their nodes; an output name belongs to one value."""
    nodes = [helper.make_node("MatMul", ["x", "w"], ["s"]), helper.make_node("Sin", ["s"], ["y"])]
    model = build_model(nodes, {"x": ["N", 2]}, {"y": ["N", 1]}, {"w": np.ones((2, 1))})
    values = evaluate(derive_unoptimized(model, 2), {"x": np.array([[0.25, 0.5]])})
    assert values["y_d0"] == values["y_d1"] == np.cos(0.75)
    assert values["y_d00"] == values["y_d01"]


def test_an_output_that_does_not_depend_on_the_coordinates() -> None:
    nodes = [helper.make_node("Sin", ["x"], ["y"]), helper.make_node("Cos", ["t"], ["z"])]
    model = build_model(nodes, {"x": ["N", 1], "t": ["N", 1]}, {"y": ["N", 1], "z": ["N", 1]})
    graph = derive_unoptimized(model, 1, wrt="x")
    assert names(graph) == ["y", "y_d0", "z", "z_d0"]
    assert evaluate(graph, {"x": np.ones((2, 1)), "t": np.ones((2, 1))})["z_d0"].tolist() == [[0.0], [0.0]]


def test_several_inputs_have_mixed_partials() -> None:
    nodes = [helper.make_node("Mul", ["a", "b"], ["ab"]), helper.make_node("Mul", ["ab", "b"], ["y"])]
    model = build_model(nodes, {"a": ["N", 1], "b": ["N", 1]}, {"y": ["N", 1]})
    feeds = {"a": np.array([[2.0]]), "b": np.array([[3.0]])}
    assert evaluate(derive_unoptimized(model, 3, wrt=["a", "b"]), feeds)["y_d011"] == 2.0
    assert evaluate(derive_unoptimized(model, 3, wrt=["b", "a"]), feeds)["y_d001"] == 2.0


def test_step_scales_each_order_by_its_power() -> None:
    x = np.random.default_rng(0).uniform(-1, 1, (3, 2))
    model = siren((2, 8, 1), dtype=np.float64)
    plain, scaled = (evaluate(derive_unoptimized(model, 3, step=step), {"x": x}) for step in (1.0, 1 / 64))
    for name, array in plain.items():
        order = len(name.removeprefix("y").removeprefix("_d"))
        np.testing.assert_allclose(scaled[name], array / 64**order, rtol=1e-10, atol=1e-14)


def test_only_what_is_asked_for_is_carried() -> None:
    graph = derive_unoptimized(siren((3, 8, 8, 1)), None, outputs=["y_d11"])
    assert names(graph) == ["y_d11"]
    assert not any("_d0" in node.name or "_d2" in node.name for node in graph.graph)
    last = [node for node in graph.graph if node.name.startswith(("net.2", "y_")) and node.op_type == "Gemm"]
    assert len(last) == 1


def test_names_recall_the_nodes_of_the_model() -> None:
    graph = derive_unoptimized(siren((2, 8, 1)), 2)
    named = {node.name: node for node in graph.graph}
    assert named["net.0/Sin_d01"].outputs[0].name == "net.0/sin_d01"
    assert named["net.0/Sin/Cos"].op_type == "Cos"
    assert {"net.0/Gemm", "net.0/Mul", "net.0/Sin", "net.1/Gemm"} <= set(named)


def test_names_are_unique_also_where_the_model_uses_ours() -> None:
    nodes = [
        helper.make_node("Sin", ["x"], ["y_d0"], name="a"),
        helper.make_node("Sin", ["y_d0"], ["number_2"], name="a_d0"),
        helper.make_node("Tanh", ["number_2"], ["h"], name="a/Cos"),
        helper.make_node("Mul", ["h", "x_d0"], ["y"], name="y_d00"),
    ]
    model = build_model(nodes, {"x": ["N", 2]}, {"y": ["N", 2]}, {"x_d0": np.ones(2)}, dtype=np.float64)
    graph = derive_unoptimized(model, 3)
    values = [value.name for node in graph.graph for value in node.outputs] + list(graph.graph.initializers)
    assert len(values) == len(set(values))
    nodes_named = [node.name for node in graph.graph]
    assert len(nodes_named) == len(set(nodes_named))
    check_against_series(model, 3)
    to_proto(graph)


def test_weights_are_shared_and_the_model_is_not_changed() -> None:
    model = load_model(siren((2, 8, 1)))
    before = to_proto(model).SerializeToString(deterministic=True)
    graph = derive_unoptimized(model, 2)
    for name, value in model.graph.initializers.items():
        assert graph.graph.initializers[name].const_value is value.const_value
    assert to_proto(model).SerializeToString(deterministic=True) == before


def test_the_same_request_gives_the_same_bytes() -> None:
    first, second = (
        to_proto(derive_unoptimized(siren((2, 8, 3)), 3)).SerializeToString(deterministic=True) for _ in "ab"
    )
    assert first == second


@pytest.mark.parametrize("activation", ["Sin", "Tanh", "Sigmoid", "Softplus", "Relu", "Exp"])
def test_networks_run_in_onnxruntime_and_agree_with_float64(activation: str) -> None:
    graph = derive_unoptimized(perceptron([2, 16, 16, 2], activation), 3)
    x = np.random.default_rng(0).uniform(-1, 1, (9, 2)).astype(np.float32)
    expected = evaluate(graph, {"x": x})
    for name, found in zip(names(graph), run(graph, x), strict=True):
        assert np.abs(found - expected[name]).max() <= 1e-4 * max(1.0, np.abs(expected[name]).max())


def test_double_models_stay_double() -> None:
    graph = derive_unoptimized(siren((2, 8, 1), dtype=np.float64), 2)
    x = np.random.default_rng(0).uniform(-1, 1, (3, 2))
    for found, expected in zip(run(graph, x), evaluate(graph, {"x": x}).values(), strict=True):
        assert found.dtype == np.float64
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_the_result_is_opset_18_and_checks() -> None:
    proto = to_proto(derive_unoptimized(siren((2, 8, 1)), 2))
    assert [(entry.domain, entry.version) for entry in proto.opset_import] == [("", 18)]
    assert proto.ir_version == 8
    onnx.checker.check_model(proto, full_check=True)
