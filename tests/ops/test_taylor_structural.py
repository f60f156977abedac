"""Taylor rules of structural operators and reductions, against power series; u, v: jets [N, 4] of every order."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest

from inrarch.derivatives.api import derive
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.shapes import dims_of
from tests.derive_and_compare import check_against_series, derive_unoptimized
from tests.models import build_model, node
from tests.ops.test_taylor import WIDTH, model_of
from tests.structural_cases import CASES, Case

WIDE = {"square": np.array([-1, 2, 2]), "flat": np.array([0, -1])}
TO_SQUARE = node("Reshape", ["u", "square"], "s")


@pytest.mark.parametrize("coordinates", [1, 2, 3])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_derivatives_to_order_4(case: Case, coordinates: int) -> None:
    check_against_series(model_of(case.all_nodes(), coordinates, ["N", case.width], case.all_weights()), 4)


@pytest.mark.parametrize("case", [each for each in CASES if each.single], ids=lambda case: case.label)
def test_derivatives_run_in_onnxruntime_at_opset_18(case: Case) -> None:
    model = model_of(case.all_nodes(), 2, ["N", case.width], case.all_weights(), dtype=np.float32)
    proto = derive(model, order=2)
    assert [(entry.domain, entry.version) for entry in proto.opset_import] == [("", 18)]
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    x = np.random.default_rng(1).uniform(-1, 1, (3, 2)).astype(np.float32)
    expected = evaluate(load_model(proto), {"x": x})
    for output, found in zip(session.get_outputs(), session.run(None, {"x": x}), strict=True):
        scale = max(1.0, float(np.abs(expected[output.name]).max()))
        assert float(np.abs(found - expected[output.name]).max()) <= 1e-4 * scale, output.name


@pytest.mark.parametrize("coordinates", [1, 2, 3])
@pytest.mark.parametrize("operator", ["ReduceSum", "ReduceMean"])
@pytest.mark.parametrize(("axes", "keepdims"), [([1], 0), ([-1, 1], 1), ([2], 1)])
def test_sums_and_means_to_order_4(operator: str, axes: list[int], keepdims: int, coordinates: int) -> None:
    nodes = [TO_SQUARE, node(operator, ["s", "axes"], "r", keepdims=keepdims), node("Reshape", ["r", "flat"], "y")]
    columns = 4 // 2 ** len(axes)
    check_against_series(model_of(nodes, coordinates, ["N", columns], WIDE | {"axes": np.array(axes)}), 4)


@pytest.mark.parametrize("operator", ["ReduceSum", "ReduceMean"])
def test_the_sum_of_a_repeated_coefficient_counts_it_as_often_as_it_is_repeated(operator: str) -> None:
    """x [N, 1] + row [1, 4] has coefficients of shape [1, 1] that stand for four entries."""
    nodes = [node("Add", ["x", "row"], "a"), node(operator, ["a", "axes"], "y")]
    weights = {"row": np.arange(4.0)[None], "axes": np.array([1])}
    check_against_series(build_model(nodes, {"x": ["N", 1]}, {"y": ["N", 1]}, weights, dtype=np.float64), 2)


def test_a_sum_over_an_axis_of_unknown_size_that_was_broadcast() -> None:
    """One row of coordinates for M points."""
    nodes = [node("Add", ["x", "points"], "a"), node("ReduceSum", ["a", "axes"], "y", keepdims=1)]
    model = build_model(nodes, {"x": [1, 2], "points": ["M", 2]}, {"y": [1, 2]}, {"axes": np.array([0])})
    check_against_series(model, 2, tolerance=1e-6)


def test_a_mean_over_an_axis_of_unknown_size() -> None:
    nodes = [node("Add", ["x", "points"], "a"), node("ReduceMean", ["a", "axes"], "y", keepdims=1)]
    model = build_model(nodes, {"x": [1, 2], "points": ["M", 2]}, {"y": [1, 2]}, {"axes": np.array([0])})
    check_against_series(model, 2, tolerance=1e-6)


def test_a_reduction_without_axes_that_does_nothing() -> None:
    nodes = [node("ReduceSum", ["u"], "y", noop_with_empty_axes=1)]
    check_against_series(model_of(nodes, 2, ["N", WIDTH]), 2)


def test_a_reshape_that_keeps_the_rows_keeps_one_row_for_all() -> None:
    """Derivatives of coordinates are the same in all rows: the reshaped ones are constants, not repeated row by row."""
    nodes = [node("Reshape", ["x", "cube"], "c"), node("Mul", ["c", "c"], "s"), node("Reshape", ["s", "flat"], "y")]
    weights = {"cube": np.array([-1, 2, 2]), "flat": np.array([-1, 4])}
    model = build_model(nodes, {"x": ["N", 4]}, {"y": ["N", 4]}, weights, dtype=np.float64)
    check_against_series(model, 3)
    graph = derive_unoptimized(model, 1)
    reshaped = [each.outputs[0] for each in graph.graph if each.name.startswith("Reshape_c_d")]
    assert [dims_of(value) for value in reshaped] == [(1, 2, 2)] * 4


@pytest.mark.parametrize("source", ["u", "x"])
def test_unsqueeze_and_squeeze(source: str) -> None:
    nodes = [
        node("Unsqueeze", [source, "axes"], "w"),
        node("Mul", ["w", "w"], "ww"),
        node("Squeeze", ["ww", "one"], "y"),
    ]
    extra = {"axes": np.array([1, -1]), "one": np.array([1])}
    check_against_series(model_of(nodes, 4, ["N", WIDTH, 1], extra), 3)


def test_squeeze_without_axes_leaves_axes_of_coefficients_that_happen_to_be_1() -> None:
    nodes = [node("Unsqueeze", ["x", "axes"], "w"), node("Squeeze", ["w"], "s"), node("Mul", ["s", "s"], "y")]
    model = build_model(nodes, {"x": [3, 2]}, {"y": [3, 2]}, {"axes": np.array([0])}, dtype=np.float64)
    check_against_series(model, 2)


@pytest.mark.parametrize("source", ["u", "x"])
@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "wrap"])
@pytest.mark.parametrize("pads", [[0, 1, 0, 2], [0, -1, 0, 1]])
def test_pads(pads: list[int], mode: str, source: str) -> None:
    extra = {"pads": np.array(pads), "fill": np.array(0.5)}
    nodes = [node("Pad", [source, "pads", "fill"], "p", mode=mode), node("Mul", ["p", "p"], "y")]
    check_against_series(model_of(nodes, 4, ["N", 4 + sum(pads)], extra, opset=19), 3)


def test_pads_of_listed_axes() -> None:
    extra = {"pads": np.array([1, 1]), "axes": np.array([-1])}
    check_against_series(model_of([node("Pad", ["u", "pads", "", "axes"], "y")], 2, ["N", 6], extra), 2)


@pytest.mark.parametrize("source", ["u", "x"])
@pytest.mark.parametrize("places", [np.array([2, 0, -1]), np.array(1), np.array([[0, 1], [1, 3]])])
def test_gather(source: str, places: Any) -> None:
    nodes = [node("Gather", [source, "places"], "g", axis=1), node("Mul", ["g", "g"], "y")]
    check_against_series(model_of(nodes, 4, ["N", *places.shape], {"places": places}), 3)


def test_gather_nd_of_one_row() -> None:
    nodes = [node("GatherND", ["x", "places"], "g"), node("Mul", ["g", "g"], "y")]
    weights = {"places": np.array([[0, 1], [0, 0], [0, 1]])}
    check_against_series(build_model(nodes, {"x": [1, 2]}, {"y": [3]}, weights, dtype=np.float64), 2)


@pytest.mark.parametrize("operands", [["u", "v"], ["u", "nothing"], ["nothing", "v"]])
@pytest.mark.parametrize("attributes", [{}, {"reduction": "add"}])
def test_scatter_nd(attributes: dict[str, Any], operands: list[str]) -> None:
    """Of one row: places are along its axis."""
    nodes = [node("Tanh", ["x"], "u"), node("Sin", ["x"], "v"), node("Slice", [operands[1], "zero", "two", "one"], "w")]
    nodes.append(node("ScatterND", [operands[0], "places", "w"], "y", **attributes))
    weights = {"places": np.array([[[0, 2], [0, 1]]]), "zero": np.array([0]), "two": np.array([2])}
    weights |= {"one": np.array([1])} | ({"nothing": np.ones((1, 3))} if "nothing" in operands else {})
    check_against_series(build_model(nodes, {"x": [1, 3]}, {"y": [1, 3]}, weights, dtype=np.float64), 3)
