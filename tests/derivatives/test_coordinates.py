"""First derivatives by coordinates with reverse sweeps are those of the expansion."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import helper

from inrarch.derivatives.coordinates import gradient_by_reverse
from inrarch.errors import UserError
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.shapes import dims_of
from tests.derive_and_compare import derive_unoptimized
from tests.models import build_model, siren


@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("coordinates", [1, 2, 12])
@pytest.mark.parametrize("step", [1.0, 0.25])
def test_a_sweep_gives_what_the_expansion_gives(columns: int, coordinates: int, step: float) -> None:
    model = siren((coordinates, 8, 8, columns), dtype=np.float64, w0=5.0)
    x = np.random.default_rng(0).uniform(-1, 1, (4, coordinates))
    graph = gradient_by_reverse(load_model(model), ["y"], ["x"], step)
    taylor = derive_unoptimized(model, 1, step=step)
    found, expected = evaluate(graph, {"x": x}), evaluate(taylor, {"x": x})
    assert list(found) == list(expected)
    assert all(dims_of(value) == ("N", columns) for value in graph.graph.outputs)
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-11, atol=1e-12)


def two_inputs(shape: Any = ("N", 1)) -> Any:
    nodes = [
        helper.make_node("Concat", ["x", "t"], ["joined"], axis=-1),
        helper.make_node("Tanh", ["joined"], ["y"]),
        helper.make_node("Sin", ["t"], ["z"]),
    ]
    return build_model(nodes, {"x": ["N", 2], "t": shape}, {"y": ["N", 3], "z": shape}, dtype=np.float64)


def test_several_inputs_and_outputs() -> None:
    generator = np.random.default_rng(0)
    feeds = {"x": generator.normal(size=(4, 2)), "t": generator.normal(size=(4, 1))}
    found = evaluate(gradient_by_reverse(load_model(two_inputs()), ["y", "z"], ["t", "x"]), feeds)
    expected = evaluate(derive_unoptimized(two_inputs(), 1, wrt=["t", "x"]), feeds)
    assert set(found) == set(expected)
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-12)


def test_other_rows_are_refused() -> None:
    nodes = [helper.make_node("Add", ["x", "t"], ["s"]), helper.make_node("Sin", ["s"], ["y"])]
    model = load_model(build_model(nodes, {"x": ["N", 2], "t": [1, 2]}, {"y": ["N", 2]}))
    with pytest.raises(UserError) as caught:
        gradient_by_reverse(model, ["y"], ["x", "t"], place="m.onnx")
    assert str(caught.value) == (
        "m.onnx: 't' has shape [1, 2]; expected the same rows for all coordinates and outputs, and a last axis of "
        "known size\nhint: the Taylor method needs neither"
    )
