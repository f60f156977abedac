"""Operators whose operands may have different types: derivatives keep the types that ONNX wants."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import inrarch
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from tests.models import build_model, node


def power_with_double_exponent() -> onnx.ModelProto:
    """A float32 base [N, 1] and a float64 exponent [1]."""
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [node("Pow", ["x", "p"], "y")],
        "test",
        [value("x", TensorProto.FLOAT, ["N", 1]), value("p", TensorProto.DOUBLE, [1])],
        [value("y", TensorProto.FLOAT, ["N", 1])],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


FEEDS: dict[str, Any] = {"x": np.array([[2.0], [3.0]]), "p": np.array([1.5])}
BY_EXPONENT = FEEDS["x"] ** FEEDS["p"] * np.log(FEEDS["x"])


def test_the_adjoint_of_an_exponent_has_its_type() -> None:
    proto = inrarch.derive(power_with_double_exponent(), parameters="p", by="gradient")
    assert proto.graph.output[1].type.tensor_type.elem_type == TensorProto.DOUBLE
    found = evaluate(load_model(proto), FEEDS)["y_d:p"]
    np.testing.assert_allclose(found, [BY_EXPONENT.sum()], rtol=1e-12)


def test_derivatives_by_an_exponent_have_the_type_of_the_base() -> None:
    proto = inrarch.derive(power_with_double_exponent(), parameters="p", by="jvp2")
    found = evaluate(load_model(proto), {**FEEDS, "v:p": np.ones(1)})
    np.testing.assert_allclose(found["y_dv"], BY_EXPONENT, rtol=1e-12)
    np.testing.assert_allclose(found["y_dvv"], BY_EXPONENT * np.log(FEEDS["x"]), rtol=1e-12)


@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_entries_gathered_twice_by_places_of_any_type(kind: type) -> None:
    places = np.array([0, 0, -1], dtype=kind)
    nodes = [
        node("Gather", ["x", "places"], "taken", axis=1),
        node("ReduceSum", ["taken"], "sum", keepdims=0),
        node("Mul", ["sum", "sum"], "y"),
    ]
    model = build_model(nodes, {"x": ["N", 2]}, {"y": []}, {"places": places})
    found = evaluate(load_model(inrarch.derive(model, parameters="x", by="gradient")), {"x": [[2.0, 1.0]]})
    assert found["y_d:x"].tolist() == [[20.0, 10.0]]


def test_a_constant_exponent_may_have_another_type() -> None:
    tensor = numpy_helper.from_array(np.array([3.0]), "p")
    proto = power_with_double_exponent()
    del proto.graph.input[1]
    proto.graph.initializer.append(tensor)
    found = evaluate(load_model(inrarch.derive(proto, order=2)), {"x": FEEDS["x"]})
    np.testing.assert_allclose(found["y_d00"], 6 * FEEDS["x"], rtol=1e-12)
