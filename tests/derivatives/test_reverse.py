"""The reverse sweep: which nodes it writes, what it shares with the forward pass, and what it refuses."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx_ir as ir
import pytest
from onnx import helper

from inrarch.derivatives import reverse
from inrarch.derivatives.coordinates import gradient_by_reverse
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.expand import expand
from inrarch.derivatives.parameters import gradient, hessian_vector_product
from inrarch.derivatives.products import vector_jacobian_product
from inrarch.derivatives.request import make_request
from inrarch.errors import UserError
from inrarch.graph.count import count
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.passes.pipeline import optimize
from inrarch.ops import operators
from inrarch.ops.operator import Missing
from tests.models import build_model, siren

BENCHMARK = siren((2, 256, 256, 256, 256, 1))
WEIGHTS = [f"net.{layer}.{kind}" for layer in range(5) for kind in ("weight", "bias")]


def operators_of(model: ir.Model) -> Counter[str]:
    return Counter(node.op_type for node in model.graph)


@pytest.mark.parametrize("simplified", [False, True])
@pytest.mark.parametrize("gemm", [True, False])
def test_the_gradient_of_the_benchmark_by_all_weights_has_the_fewest_matmuls(simplified: bool, gemm: bool) -> None:
    """5 forward, 5 for the weights, 4 back (none for x); the optimizer leaves out the last, by ones."""
    graph = gradient(load_model(siren((2, 256, 256, 256, 256, 1), gemm=gemm)), ["y"], WEIGHTS)
    if simplified:
        graph, _ = optimize(graph)
    assert count(graph).matmuls == (13 if simplified else 14)


def expanded_by(outputs: list[str]) -> ir.Model:
    model = load_model(BENCHMARK)
    return expand(model, make_request(model, wrt="x", outputs=outputs))


@pytest.mark.parametrize(
    ("graph", "matmuls", "macs"),
    [
        (lambda: gradient_by_reverse(load_model(BENCHMARK), ["y"], ["x"]), 9, 394_496),
        (lambda: gradient(load_model(BENCHMARK), ["y"], WEIGHTS), 13, 591_360),
        (lambda: hessian_vector_product(load_model(BENCHMARK), ["y"], WEIGHTS), 35, 1_184_004),
        (lambda: gradient(expanded_by(["y", "y_d00"]), ["y_d00"], WEIGHTS), 32, 1_771_520),
    ],
)
def test_the_costs_in_the_documentation_are_current(graph: Any, matmuls: int, macs: int) -> None:
    counts = count(optimize(graph())[0])
    assert (counts.matmuls, counts.macs_per_row) == (matmuls, macs)
    text = (Path(__file__).parents[2] / "docs" / "derivatives.md").read_text()
    assert f"| {matmuls} | {macs:,} |" in text


@pytest.mark.parametrize("simplified", [False, True])
def test_the_gradient_by_coordinates_needs_no_products_for_the_weights(simplified: bool) -> None:
    graph = gradient_by_reverse(load_model(siren((2, 64, 64, 64, 1))), ["y"], ["x"])
    if simplified:
        graph, _ = optimize(graph)
    assert count(graph).matmuls == (4 + 3 if simplified else 4 + 4)


def test_activations_are_shared_with_the_forward_pass() -> None:
    graph = gradient(load_model(siren((2, 16, 16, 16, 1))), ["y"], ["net.0.weight"])
    found = operators_of(graph)
    assert (found["Sin"], found["Cos"]) == (2 + 1, 3)


def test_weights_are_shared_and_none_is_added() -> None:
    model = load_model(siren((2, 64, 64, 1)))
    graph = gradient(model, ["y"], WEIGHTS[:6])
    for name, value in graph.graph.initializers.items():
        if name in model.graph.initializers:
            assert value.const_value is model.graph.initializers[name].const_value
    added = [value for name, value in graph.graph.initializers.items() if name not in model.graph.initializers]
    assert sum(value.const_value.numpy().size for value in added) < 10


def test_nodes_that_do_not_lead_to_what_is_asked_for_get_no_adjoint() -> None:
    """The branch through the cosine does not depend on w; it needs no rule."""
    nodes = [
        helper.make_node("Cos", ["x"], ["c"], name="other"),
        helper.make_node("Mul", ["x", "w"], ["p"], name="product"),
        helper.make_node("Add", ["p", "c"], ["y"], name="sum"),
    ]
    model = build_model(nodes, {"x": ["N", 2]}, {"y": ["N", 2]}, {"w": np.ones(2)})
    graph = vector_jacobian_product(load_model(model), ["y"], ["w"])
    assert not any(node.name.startswith("other_adjoint") for node in graph.graph)
    assert operators_of(graph)["Sin"] == 0


def test_several_uses_are_added_up() -> None:
    nodes = [helper.make_node("Mul", ["x", "x"], ["q"]), helper.make_node("Add", ["q", "x"], ["y"])]
    model = load_model(build_model(nodes, {"x": ["N", 2]}, {"y": ["N", 2]}))
    x, vector = np.array([[1.0, 2.0], [3.0, -4.0]]), np.array([[1.0, 10.0], [0.5, 1.0]])
    found = evaluate(vector_jacobian_product(model, ["y"], ["x"]), {"x": x, "v:y": vector})["vjp:x"]
    np.testing.assert_allclose(found, vector * (2 * x + 1))


def test_what_an_output_does_not_depend_on_has_the_adjoint_zero() -> None:
    nodes = [helper.make_node("Greater", ["x", "w"], ["g"]), helper.make_node("Where", ["g", "x", "b"], ["y"])]
    model = load_model(build_model(nodes, {"x": ["N", 2]}, {"y": ["N", 2]}, {"w": np.ones(2), "b": np.zeros(2)}))
    found = evaluate(vector_jacobian_product(model, ["y"], ["w", "b"]), {"x": np.zeros((3, 2)), "v:y": np.ones((3, 2))})
    assert found["vjp:w"].tolist() == [0.0, 0.0]
    assert found["vjp:b"].tolist() == [3.0, 3.0]


def test_an_output_that_is_the_operand_has_its_own_vector_as_adjoint() -> None:
    nodes = [helper.make_node("Sin", ["x"], ["h"]), helper.make_node("Identity", ["h"], ["y"])]
    model = load_model(build_model(nodes, {"x": [2]}, {"y": [2], "h": [2]}))
    graph = vector_jacobian_product(model, ["y", "h"], ["x"])
    feeds = {"x": np.zeros(2), "v:y": np.array([1.0, 2.0]), "v:h": np.array([10.0, 20.0])}
    assert evaluate(graph, feeds)["vjp:x"].tolist() == [11.0, 22.0]


def test_rows_that_were_reshaped_to_unknown_numbers_are_summed_at_run_time() -> None:
    """Whether [?, 2] + [N, 2] repeats the first is not known before there are rows."""
    nodes = [
        helper.make_node("Reshape", ["x", "pairs"], ["p"]),
        helper.make_node("Add", ["p", "t"], ["s"]),
        helper.make_node("Sin", ["s"], ["y"]),
    ]
    inputs: dict[str, Any] = {"x": ["K"], "t": ["N", 2]}
    model = load_model(build_model(nodes, inputs, {"y": ["M", 2]}, {"pairs": np.array([-1, 2])}, dtype=np.float64))
    graph = vector_jacobian_product(model, ["y"], ["x", "t"])
    generator = np.random.default_rng(0)
    for rows_x, rows_t in ((4, 4), (1, 4), (4, 1), (1, 1)):
        x, t = generator.normal(size=2 * rows_x), generator.normal(size=(rows_t, 2))
        vector = generator.normal(size=(max(rows_x, rows_t), 2))
        found = evaluate(graph, {"x": x, "t": t, "v:y": vector})
        slope = np.cos(x.reshape(-1, 2) + t) * vector
        wanted_x = slope if rows_x > 1 or rows_t == 1 else slope.sum(axis=0)
        wanted_t = slope if rows_t > 1 or rows_x == 1 else slope.sum(axis=0, keepdims=True)
        np.testing.assert_allclose(found["vjp:x"], wanted_x.reshape(-1), rtol=1e-12)
        np.testing.assert_allclose(found["vjp:t"], wanted_t, rtol=1e-12)


def test_an_operator_without_a_reverse_rule_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = {**operators(), "Sin": replace(operators()["Sin"], reverse=Missing("it is only an example"))}
    monkeypatch.setattr(reverse, "operators", lambda: changed)
    with pytest.raises(UserError) as caught:
        gradient(load_model(siren((2, 4, 1))), ["y"], ["net.0.weight"], place="m.onnx")
    assert str(caught.value) == (
        "m.onnx: node 'net.0/Sin': Sin cannot be differentiated backwards: it is only an example\n"
        "hint: by coordinates, the Taylor method needs no reverse rules"
    )
    gradient(load_model(siren((2, 4, 1))), ["y"], ["net.1.weight"])


def test_an_operand_of_unknown_rank_is_named() -> None:
    emit_input = ir.Value(name="a", shape=None, type=ir.TensorType(ir.DataType.DOUBLE))
    emit = Emitter(["a", "v"])
    other = ir.Value(name="v", shape=ir.Shape([2]), type=ir.TensorType(ir.DataType.DOUBLE))
    result = emit.add(emit_input, other)
    with pytest.raises(UserError) as caught:
        reverse.sweep(emit, list(emit.nodes), {result: other}, [emit_input], "m.onnx")
    assert str(caught.value) == (
        "m.onnx: node 'taylor/Add': the adjoint of 'a' cannot be summed to its shape: not all ranks are known; "
        "expected operands of Add of known rank\nhint: export the model with the shapes of its inputs"
    )
