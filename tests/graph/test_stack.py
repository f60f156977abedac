"""Stacked matrix products compute what the single ones do; an independent evaluator runs the stacked graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnx_ir as ir
import onnxruntime
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx.reference import ReferenceEvaluator

from inrarch import derive
from inrarch.derivatives.api import derive_graph
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.passes.pipeline import optimize
from inrarch.graph.save import to_proto
from inrarch.graph.shapes import dims_of
from inrarch.graph.stack import stack_products
from tests.graph.passes.graphs import graph, lines, random_feeds
from tests.graph.passes.random_graphs import random_models
from tests.models import perceptron, siren
from tests.random_graphs import models

HEAD = (
    "g (double[N,2] x, double[N,2] z, double[1,2] r, double[N,1,2] c) => ({}) "
    "<double[2,2] w = {{1, 2, 3, 4}}, double[2,2] v = {{5, 6, 7, 8}}, double[2] b = {{1, 2}}, int64[1] o = {{1}}> "
    "{{ {} }}"
)
W = "[[1, 2], [3, 4]]"


def stacked(outputs: str, body: str) -> list[str]:
    before = graph(HEAD.format(outputs, body))
    after = stack_products(before)
    check_same(before, after)
    return lines(after)


def check_same(before: ir.Model, after: ir.Model, rows: int = 4) -> None:
    feeds = random_feeds(before, rows)
    expected = evaluate(before, feeds)
    proto = to_proto(after)
    assert [output.name for output in proto.graph.output] == [value.name for value in before.graph.outputs]
    assert [dims_of(value) for value in after.graph.outputs] == [dims_of(value) for value in before.graph.outputs]
    for name, found in zip(expected, ReferenceEvaluator(proto).run(None, feeds), strict=True):
        assert found.shape == expected[name].shape
        scale = max(1.0, float(np.abs(expected[name]).max(initial=0.0)))
        assert float(np.abs(found - expected[name]).max(initial=0.0)) <= 1e-11 * scale, name


def test_products_with_one_weight_become_one() -> None:
    assert stacked("double[N,2] p, double[N,2] q", "p = Gemm(x, w, b) q = MatMul(z, w)") == [
        "p/Concat = Concat(x, z)",
        f"p/MatMul = MatMul(p/Concat, {W})",
        "p/Shape = Shape(x)",
        "p/Expand = Expand(p/Shape, [2])",
        "p/Add/product = Split(p/MatMul, p/Expand)",
        "p = Add(p/Add/product, [1, 2])",
    ]


def test_a_known_number_of_rows_is_written_down() -> None:
    found = stacked("double[1,2] p, double[1,2] q", "s = Sin(r) p = MatMul(r, w) q = MatMul(s, w)")
    assert found[-1] == "p = Split(p/MatMul, [1, 1])"


@pytest.mark.parametrize(
    "body",
    [
        "p = MatMul(x, w) q = MatMul(z, v)",
        "p = MatMul(x, w) q = MatMul(p, w)",
        "p = MatMul(x, w) q = MatMul(r, w)",
        "p = MatMul(x, w) s = Sin(c) t = MatMul(s, w) q = ReduceSum<keepdims=0>(t, o)",
        "p = MatMul(x, w) q = Gemm<transB=1>(z, w)",
        "p = MatMul(x, w) t = Transpose<perm=[1,0]>(z) q = MatMul(w, t)",
        "p = MatMul(x, w) q = MatMul(v, w)",
    ],
)
def test_these_are_not_stacked(body: str) -> None:
    model = graph(HEAD.format("double[N,2] p, double[N,2] q", body))
    assert lines(stack_products(model)) == lines(model)


def test_only_independent_products_of_one_weight_are_stacked() -> None:
    body = "a = MatMul(x, w) s = Sin(a) p = MatMul(s, w) d = MatMul(z, w) t = Cos(d) q = MatMul(t, w)"
    found = stacked("double[N,2] p, double[N,2] q", body)
    assert [line for line in found if "Concat(" in line] == [
        "a/Concat = Concat(x, z)",
        "p/Concat = Concat(s, t)",
    ]


def test_stacking_one_weight_may_forbid_stacking_another() -> None:
    body = "a = MatMul(x, w) p = MatMul(a, v) d = MatMul(z, v) q = MatMul(d, w)"
    found = stacked("double[N,2] p, double[N,2] q", body)
    assert sum("Concat(" in line for line in found) == 1


def test_the_given_graph_is_not_changed_and_weights_are_shared() -> None:
    model = derive_graph(load_model(siren((2, 8, 8, 3))), order=2)
    before = to_proto(model).SerializeToString()
    after = stack_products(model)
    assert to_proto(model).SerializeToString() == before
    for name, value in model.graph.initializers.items():
        assert after.graph.initializers[name].const_value is value.const_value
    assert dict(after.metadata_props) == dict(model.metadata_props)


@pytest.mark.parametrize("rows", [1, 3, 0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_derivatives_of_a_network_in_onnxruntime(dtype: type, rows: int) -> None:
    model = perceptron([2, 16, 16, 3], "Sin", dtype=dtype)
    x: Any = np.random.default_rng(0).uniform(-1, 1, (rows, 2)).astype(dtype)
    plain, result = (
        onnxruntime.InferenceSession(derive(model, order=3, stack=stack).SerializeToString()).run(None, {"x": x})
        for stack in (False, True)
    )
    for expected, found in zip(plain, result, strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 if dtype is np.float32 else 1e-13)


def test_one_product_per_hidden_layer_remains() -> None:
    stacked = derive(siren((2, 8, 8, 3)), order=2, stack=True)
    operators = [node.op_type for node in stacked.graph.node]
    assert operators.count("MatMul") + operators.count("Gemm") == 3
    assert operators.count("Split") == 2


RELAXED = [HealthCheck.too_slow, HealthCheck.data_too_large]


@given(model=models(), order=st.integers(1, 2), simplified=st.booleans(), rows=st.sampled_from([1, 3]))
@settings(max_examples=40, deadline=None, suppress_health_check=RELAXED)
def test_derivatives_of_random_graphs(model: onnx.ModelProto, order: int, simplified: bool, rows: int) -> None:
    before = derive_graph(load_model(model), order=order, optimize=simplified)
    check_same(before, stack_products(before), rows)


@given(model=random_models())
@settings(max_examples=60, deadline=None, suppress_health_check=RELAXED)
def test_random_graphs_that_use_weights_again(model: onnx.ModelProto) -> None:
    before, _ = optimize(load_model(model))
    check_same(before, stack_products(before))
