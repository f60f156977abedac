"""The float64 evaluator: values by name, and clear errors for wrong feeds."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import helper

from inrarch.errors import UserError
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from tests.models import build_model, siren

NETWORK = siren((2, 8, 8, 3))


def message(feeds: dict[str, Any], **options: Any) -> str:
    with pytest.raises(UserError) as caught:
        evaluate(load_model(NETWORK), feeds, **options)
    return str(caught.value)


def test_outputs_are_float64_and_agree_with_onnxruntime() -> None:
    x = np.random.default_rng(0).uniform(-1, 1, (7, 2)).astype(np.float32)
    values = evaluate(load_model(NETWORK), {"x": x})
    assert list(values) == ["y"]
    assert values["y"].dtype == np.float64
    session = onnxruntime.InferenceSession(NETWORK.SerializeToString(), providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(values["y"], session.run(None, {"x": x})[0], rtol=1e-4, atol=1e-5)


def test_any_value_can_be_wanted() -> None:
    x = np.zeros((1, 2))
    names = ["net.0/sin", "x", "net.2.bias", "y", "net.0/linear"]
    values = evaluate(load_model(NETWORK), {"x": x}, wanted=names)
    assert list(values) == names
    np.testing.assert_allclose(values["net.0/sin"], np.sin(30 * values["net.0/linear"]), rtol=1e-12)
    assert values["net.2.bias"].dtype == np.float64


def test_values_that_are_not_wanted_are_dropped_and_results_do_not_change() -> None:
    x = np.ones((2, 2))
    model = load_model(NETWORK)
    every = [value.name for node in model.graph for value in node.outputs]
    assert (evaluate(model, {"x": x}, wanted=every)["y"] == evaluate(model, {"x": x})["y"]).all()


def test_overflow_gives_infinity_without_a_warning() -> None:
    model = build_model([helper.make_node("Exp", ["x"], ["y"])], {"x": [1]}, {"y": [1]})
    assert evaluate(load_model(model), {"x": np.array([1e4])})["y"] == np.inf


def test_a_missing_feed() -> None:
    assert message({}) == "no array was given for the input 'x'"


def test_an_unknown_feed() -> None:
    assert message({"xx": np.zeros((1, 2))}) == (
        "the graph has no input 'xx'; expected feeds for 'x'\nhint: did you mean 'x'?"
    )


@pytest.mark.parametrize("shape", [(3,), (3, 3), (1, 3, 2)])
def test_a_feed_of_the_wrong_shape(shape: tuple[int, ...]) -> None:
    assert message({"x": np.zeros(shape)}) == (f"the array for input 'x' has shape {list(shape)}; expected [any, 2]")


def test_an_unknown_name() -> None:
    assert message({"x": np.zeros((1, 2))}, wanted=["net.0/sine"]) == (
        "there is no value named 'net.0/sine' in the graph\nhint: did you mean 'net.0/sin'?"
    )


def test_a_batch_that_a_node_cannot_take_is_an_error_that_names_the_node() -> None:
    nodes = [helper.make_node("Reshape", ["x", "pairs"], ["y"], name="pair")]
    model = load_model(build_model(nodes, {"x": ["N", 1]}, {"y": ["M", 2]}, {"pairs": np.array([-1, 2])}))
    with pytest.raises(UserError) as caught:
        evaluate(model, {"x": np.zeros((3, 1))})
    assert str(caught.value).startswith("node 'pair': Reshape cannot be computed on operands of shape [3, 1], [2]: ")
