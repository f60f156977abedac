"""Models that mix the rows of a batch are refused: expanding them would add up the derivatives of several rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from inrarch.derivatives.api import derive
from inrarch.derivatives.rows import check_rows_are_independent
from inrarch.errors import UserError
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from tests.models import build_model, siren


def check(model: onnx.ModelProto, wrt: tuple[str, ...] = ("x",)) -> None:
    check_rows_are_independent(load_model(model), wrt, "m.onnx")


def message(model: onnx.ModelProto) -> str:
    with pytest.raises(UserError) as caught:
        check(model)
    return str(caught.value)


def mixing(nodes: list[onnx.NodeProto], rows: Any = "N", weights: dict[str, Any] | None = None) -> onnx.ModelProto:
    return build_model(nodes, {"x": [rows, 2]}, {"y": ["M", "K"]}, weights)


@pytest.mark.parametrize("batch", ["N", 64, 1])
def test_networks_have_independent_rows(batch: int | str) -> None:
    check(siren((2, 8, 1), batch=batch))


def test_rows_may_be_rearranged() -> None:
    nodes = [helper.make_node("Reshape", ["x", "flat"], ["f"]), helper.make_node("Sin", ["f"], ["y"])]
    check(build_model(nodes, {"x": ["N", 5, 2]}, {"y": ["M", 2]}, {"flat": np.array([-1, 2])}))


def test_a_product_over_the_rows_is_named() -> None:
    nodes = [
        helper.make_node("Sin", ["x"], ["s"], name="first"),
        helper.make_node("Transpose", ["s"], ["t"], name="turn"),
        helper.make_node("MatMul", ["s", "t"], ["y"], name="gram"),
    ]
    assert message(mixing(nodes)) == (
        "m.onnx: node 'gram': the rows of 'x' are mixed by MatMul; expected outputs whose every row depends on one row "
        "of coordinates"
    )


@pytest.mark.parametrize("rows", [2, 5, 64])
def test_a_fixed_batch_that_is_mixed_by_a_constant_matrix(rows: int) -> None:
    nodes = [helper.make_node("MatMul", ["w", "x"], ["y"], name="mix")]
    assert "node 'mix'" in message(mixing(nodes, rows, {"w": np.ones((rows, rows))}))


def test_a_difference_of_neighbours() -> None:
    weights = {"zero": np.array([0]), "one": np.array([1]), "minus": np.array([-1]), "end": np.array([2**60])}
    nodes = [
        helper.make_node("Slice", ["x", "one", "end", "zero"], ["tail"]),
        helper.make_node("Slice", ["x", "zero", "minus", "zero"], ["head"]),
        helper.make_node("Sub", ["tail", "head"], ["y"], name="difference"),
    ]
    assert "node 'difference'" in message(mixing(nodes, "N", weights))


def test_mixing_that_no_output_depends_on_is_no_matter() -> None:
    nodes = [
        helper.make_node("Transpose", ["x"], ["t"]),
        helper.make_node("MatMul", ["x", "t"], ["unused"]),
        helper.make_node("Sin", ["x"], ["y"]),
    ]
    check(mixing(nodes))


def test_inputs_are_judged_one_by_one() -> None:
    """One row of time for all rows of position: each output entry depends on one row of each."""
    nodes = [helper.make_node("Add", ["x", "t"], ["s"]), helper.make_node("Sin", ["s"], ["y"])]
    check(build_model(nodes, {"x": ["N", 2], "t": [1, 2]}, {"y": ["N", 2]}), ("x", "t"))


def test_a_batch_that_must_be_even() -> None:
    nodes = [helper.make_node("Reshape", ["x", "pairs"], ["p"]), helper.make_node("Reshape", ["p", "back"], ["y"])]
    weights = {"pairs": np.array([-1, 4]), "back": np.array([-1, 2])}
    check(build_model(nodes, {"x": ["N", 2]}, {"y": ["M", 2]}, weights))


def test_a_model_that_fits_no_batch() -> None:
    nodes = [helper.make_node("Reshape", ["x", "sevens"], ["y"], name="sevens")]
    text = message(mixing(nodes, "N", {"sevens": np.array([-1, 7])}))
    assert text.startswith("m.onnx: node 'sevens': Reshape cannot be computed on operands of shape [3, 2], [2]: ")


def test_rows_that_are_mixed_where_a_logarithm_is_defined() -> None:
    nodes = [
        helper.make_node("Sub", ["x", "twenty"], ["above"]),
        helper.make_node("Log", ["above"], ["log"]),
        helper.make_node("ReduceMean", ["log", "axis"], ["mean"], name="mean", keepdims=1),
        helper.make_node("Sub", ["log", "mean"], ["y"]),
    ]
    model = mixing(nodes, weights={"twenty": np.full(1, 20.0), "axis": np.array([0])})
    assert message(model) == (
        "m.onnx: node 'mean': the rows of 'x' are mixed by ReduceMean; expected outputs whose every row depends on one "
        "row of coordinates"
    )


def test_rows_that_are_mixed_beyond_a_threshold() -> None:
    nodes = [
        helper.make_node("Sub", ["x", "twenty"], ["above"]),
        helper.make_node("Relu", ["above"], ["relu"]),
        helper.make_node("ReduceMean", ["relu", "axis"], ["mean"], name="mean", keepdims=1),
        helper.make_node("Sub", ["x", "mean"], ["y"]),
    ]
    assert "node 'mean'" in message(mixing(nodes, weights={"twenty": np.full(1, 20.0), "axis": np.array([0])}))


def test_an_output_that_is_defined_far_away() -> None:
    nodes = [helper.make_node("Sub", ["x", "far"], ["above"]), helper.make_node("Log", ["above"], ["y"])]
    check(mixing(nodes, weights={"far": np.full(1, 500.0)}))


def test_an_output_that_is_never_finite() -> None:
    nodes = [helper.make_node("Sub", ["x", "far"], ["above"]), helper.make_node("Log", ["above"], ["y"])]
    assert message(mixing(nodes, weights={"far": np.full(1, 1e9)})) == (
        "m.onnx: the output 'y' was NaN or infinite at all points tried; expected finite values for coordinates of "
        "magnitude 1 to 1000, to see that rows are independent\nhint: scale the coordinates within the model"
    )


WEIGHTS = np.random.default_rng(0).normal(size=(2, 1)).astype(np.float32)


def reversed_rows() -> onnx.ModelProto:
    """A fixed batch of 3 whose rows come out in reverse order."""
    nodes = [
        helper.make_node("Gather", ["x", "order"], ["g"], axis=0),
        helper.make_node("MatMul", ["g", "w"], ["h"]),
        helper.make_node("Sin", ["h"], ["y"]),
    ]
    weights = {"order": np.array([2, 1, 0]), "w": WEIGHTS}
    return build_model(nodes, {"x": [3, 2]}, {"y": [3, 1]}, weights)


@pytest.mark.parametrize(("method", "output"), [("reverse", "gradient"), ("mixed", "hessian")])
def test_sweeps_are_refused_where_rows_change_places(method: str, output: str) -> None:
    with pytest.raises(UserError) as caught:
        derive(reversed_rows(), outputs=[output], method=method)
    assert str(caught.value) == (
        "rows of 'y' depend on other rows of 'x'; expected each row of the outputs to depend on the same row of the "
        "coordinates\nhint: the Taylor method does not need that"
    )


def test_sweeps_are_refused_where_two_axes_of_rows_of_equal_size_change_places() -> None:
    nodes = [
        helper.make_node("Transpose", ["x"], ["t"], perm=[1, 0, 2]),
        helper.make_node("MatMul", ["t", "w"], ["h"]),
        helper.make_node("Sin", ["h"], ["y"]),
    ]
    model = build_model(nodes, {"x": [3, 3, 2]}, {"y": [3, 3, 1]}, {"w": WEIGHTS})
    with pytest.raises(UserError, match="rows of 'y' depend on other rows of 'x'"):
        derive(model, outputs=["gradient"], method="reverse")


def test_derivatives_are_in_the_row_of_the_output() -> None:
    x = np.random.default_rng(1).normal(size=(3, 2))
    found = evaluate(load_model(derive(reversed_rows(), outputs=["gradient"])), {"x": x})["y_gradient"]
    weights = WEIGHTS.astype(np.float64)
    np.testing.assert_allclose(found, np.cos(x[::-1] @ weights) * weights.T, rtol=1e-12)
