"""Lowering of sums over the batch: the same results, and the nodes that hardware has."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import onnx_ir as ir
import pytest

from inrarch.derivatives.api import derive_graph
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.lowering.pipeline import lower
from inrarch.graph.passes.pipeline import optimize
from inrarch.graph.recorded_batch import record_batch
from tests.models import build_model, node, perceptron, siren

ROWS = 6
PARAMETERS = ("w0", "b0", "w1", "b1")


def lowered(model: ir.Model, rows: int | None = ROWS) -> tuple[ir.Model, ir.Model]:
    """Before and after, compared in float64 on a batch."""
    if rows is not None:
        record_batch(model, rows)
    before = optimize(model)[0]
    after = lower(before)[0]
    feeds = {
        str(value.name): np.random.default_rng(0).normal(size=(rows or 5, int(value.shape[1])))
        for value in model.graph.inputs
    }
    expected, found = evaluate(before, feeds), evaluate(after, feeds)
    for name, array in expected.items():
        assert found[name].shape == array.shape
        np.testing.assert_allclose(found[name], array, rtol=1e-5, atol=1e-7)
    return before, after


def operators(model: ir.Model) -> list[str]:
    return [node.op_type for node in model.graph]


def loss(*reduction: onnx.NodeProto, shape: list[int | str]) -> ir.Model:
    """The square of a small network, reduced."""
    weights = {"w0": np.array([[0.5, -1.0, 2.0], [1.0, 0.25, -0.5]]), "w1": np.array([[1.0], [-2.0], [0.5]])}
    nodes = [
        node("MatMul", ["x", "w0"], "h"),
        node("Tanh", ["h"], "a"),
        node("MatMul", ["a", "w1"], "y"),
        node("Mul", ["y", "y"], "q"),
        *reduction,
    ]
    return load_model(build_model(nodes, {"x": ["N", 2]}, {"loss": shape}, weights))


def test_the_gradient_of_a_weight_is_one_node_that_takes_both_operands_by_rows() -> None:
    graph = derive_graph(load_model(perceptron((2, 5, 1), "Tanh")), optimize=False, parameters=PARAMETERS, by="vjp")
    before, after = lowered(graph)
    assert operators(before).count("Transpose") == 2
    assert "Transpose" not in operators(after)
    products = [each for each in after.graph if each.op_type == "Gemm" and "transA" in each.attributes]
    assert [str(each.outputs[0].name) for each in products] == ["vjp:w1", "vjp:w0"]
    assert [[str(value.name) for value in each.inputs if value is not None] for each in products] == [
        ["a0", "v:y"],
        ["x", "activation_0_adjoint/Mul.1_output"],
    ]


@pytest.mark.parametrize("build", [lambda: perceptron((2, 5, 1), "Tanh"), lambda: siren((2, 5, 1))])
def test_one_number_for_all_rows_becomes_a_sum_of_the_other_factor(build: Callable[[], onnx.ModelProto]) -> None:
    """On either side: weights are stored as [K, M] or as [M, K]."""
    model = load_model(build())
    last = max(name for name in model.graph.initializers if name.endswith(("w1", "1.weight")))
    graph = derive_graph(model, optimize=False, parameters=(last,))
    _, after = lowered(graph)
    assert "Expand" not in operators(after)
    assert operators(after).count("ReduceSum") == 1


@pytest.mark.parametrize(
    ("reduction", "shape"),
    [
        (node("ReduceMean", ["q"], "loss", keepdims=0), []),
        (node("ReduceMean", ["q"], "loss", keepdims=1), [1, 1]),
        (node("ReduceSum", ["q"], "loss", keepdims=0), []),
    ],
)
def test_means_over_the_batch_use_its_recorded_size(reduction: onnx.NodeProto, shape: list[int | str]) -> None:
    graph = derive_graph(loss(reduction, shape=shape), optimize=False, parameters=("w0", "w1"))
    _, after = lowered(graph)
    assert not {"ReduceMean", "Shape", "Expand", "Reciprocal"} & set(operators(after))
    axes = [each.inputs[1] for each in after.graph if each.op_type == "ReduceSum"]
    assert all(value is not None and value.const_value.numpy().tolist() == [0] for value in axes)


def test_features_are_summed_before_rows() -> None:
    model = load_model(
        build_model(
            [node("Sin", ["x"], "s"), node("ReduceMean", ["s"], "loss", keepdims=0)], {"x": ["N", 4]}, {"loss": []}
        )
    )
    _, after = lowered(model)
    sums = [each for each in after.graph if each.op_type == "ReduceSum"]
    assert [each.inputs[1].const_value.numpy().tolist() for each in sums] == [[1], [0]]


def test_without_a_recorded_batch_means_over_it_stay() -> None:
    model = loss(node("ReduceMean", ["q"], "loss", keepdims=0), shape=[])
    before, after = lowered(model, None)
    assert "ReduceMean" in operators(before)
    assert "ReduceMean" in operators(after)


def test_a_sum_times_a_row_of_constants_is_no_matrix_product() -> None:
    graph = derive_graph(
        load_model(perceptron((2, 5, 1), "Tanh")), optimize=False, parameters=("w0",), outputs=["y_laplacian"]
    )
    before, after = lowered(graph)

    def with_one_term(model: ir.Model) -> int:
        shapes = [each.inputs[0].shape for each in model.graph if each.op_type == "MatMul" and each.inputs[0]]
        return sum(shape is not None and isinstance(shape[0], int) and shape[1] == 1 for shape in shapes)

    assert with_one_term(before) == 2
    assert with_one_term(after) == 0
