"""Some columns of the outputs: the same numbers, and nothing that only the others need."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from inrarch.derivatives.api import derive_graph
from inrarch.derivatives.columns import with_columns
from inrarch.derivatives.request import make_request
from inrarch.errors import UserError
from inrarch.graph.count import count
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from tests.derive_and_compare import derive_unoptimized
from tests.models import build_model, siren


def layers() -> onnx.ModelProto:
    """A last layer with everything through which a choice of columns can be carried: x [N, 2] to y [N, 4], z [N, 3]."""
    nodes = [
        helper.make_node("MatMul", ["x", "w0"], ["h"]),
        helper.make_node("Sin", ["h"], ["s"]),
        helper.make_node("Gemm", ["s", "w1", "b1"], ["g"], transB=1, alpha=0.5),
        helper.make_node("Add", ["g", "row"], ["a"]),
        helper.make_node("Mul", ["a", "scalar"], ["m"]),
        helper.make_node("Tanh", ["m"], ["t"]),
        helper.make_node("Mul", ["t", "a"], ["y"]),
        helper.make_node("Concat", ["h", "x"], ["c"], axis=1),
        helper.make_node("Slice", ["c", "start", "end", "axis"], ["z"]),
    ]
    generator = np.random.default_rng(0)
    weights = {
        "w0": generator.normal(size=(2, 3)),
        "w1": generator.normal(size=(4, 3)),
        "b1": generator.normal(size=4),
        "row": generator.normal(size=(1, 4)),
        "scalar": np.array(0.7),
        "start": np.array([1]),
        "end": np.array([4]),
        "axis": np.array([1]),
    }
    return build_model(nodes, {"x": ["N", 2]}, {"y": ["N", 4], "z": ["N", 3]}, weights, dtype=np.float64)


X = {"x": np.random.default_rng(1).uniform(-1, 1, (5, 2))}


def test_a_choice_is_carried_through_every_element_wise_operator() -> None:
    """Also through those that no hardware has, with operands that have one entry for all columns."""
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"]),
        helper.make_node("Erf", ["a"], ["e"]),
        helper.make_node("Clip", ["e", "low"], ["c"]),
        helper.make_node("Identity", ["c"], ["i"]),
        helper.make_node("Div", ["i", "scale"], ["y"]),
    ]
    generator = np.random.default_rng(2)
    weights = {"w": generator.normal(size=(2, 8)), "low": np.array(-0.5), "scale": generator.uniform(1, 2, (8,))}
    model = load_model(build_model(nodes, {"x": ["N", 2]}, {"y": ["N", 8]}, weights, dtype=np.float64))
    chosen = with_columns(model, {"y": [1, 5]})
    assert count(chosen).macs_per_row == 2 * 2
    np.testing.assert_array_equal(evaluate(chosen, X)["y"], evaluate(model, X)["y"][:, [1, 5]])


@pytest.mark.parametrize("columns", [{"y": [2]}, {"y": [3, 0]}, {"z": [0, 1]}, {"z": [2, 0], "y": [1, 2, 3]}])
def test_the_columns_have_the_same_numbers(columns: dict[str, list[int]]) -> None:
    model = load_model(layers())
    whole, found = evaluate(model, X), evaluate(with_columns(model, columns), X)
    assert list(found) == ["y", "z"]
    for name, values in whole.items():
        expected = values[:, columns[name]] if name in columns else values
        np.testing.assert_allclose(found[name], expected, rtol=1e-14, atol=1e-15)


def test_no_columns_leave_the_model_as_it_is() -> None:
    model = load_model(layers())
    assert with_columns(model, {}) is model


def test_weights_are_cut_and_nothing_else_is_computed() -> None:
    cut = with_columns(load_model(siren((2, 8, 8, 3))), {"y": [1]})
    assert count(cut).macs_per_row == 2 * 8 + 8 * 8 + 8
    assert "Slice" not in count(cut).operators


def test_derivatives_of_one_column() -> None:
    model = load_model(layers())
    whole = evaluate(derive_unoptimized(model, 2), X)
    found = evaluate(derive_unoptimized(model, None, outputs=["y_gradient", "y_d01"], columns={"y": [2]}), X)
    np.testing.assert_allclose(found["y_d01"], whole["y_d01"][:, 2:3], rtol=1e-12, atol=1e-13)
    expected = np.concatenate([whole["y_d0"][:, 2:3], whole["y_d1"][:, 2:3]], axis=1)
    np.testing.assert_allclose(found["y_gradient"], expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("asked", [{}, {"outputs": ["y_d01"]}])
def test_derivatives_by_weights_of_one_column_have_the_shape_of_the_whole_weight(asked: dict[str, Any]) -> None:
    """The gradient of one column, as the product of the Jacobian with a vector that chooses it."""
    model = load_model(layers())
    names = ["w0", "w1", "b1", "row"]
    options = {"parameters": names, "wrt": "x", "method": "taylor"} if asked else {"parameters": names}
    found = evaluate(
        derive_graph(model, by="gradient", columns={"y": [2]}, **options, **(asked or {"outputs": ["y"]})), X
    )
    choice = {f"v:{name}": np.zeros((5, 4)) + np.eye(4)[2] for name in asked.get("outputs", ["y"])}
    product = derive_graph(model, by="vjp", **options, **(asked or {"outputs": ["y"]}))
    expected = evaluate(product, {**X, **choice})
    for name in names:
        gradient = found[f"y_d01:{name}" if asked else f"y_d:{name}"]
        assert gradient.shape == expected[f"vjp:{name}"].shape
        np.testing.assert_allclose(gradient, expected[f"vjp:{name}"], rtol=1e-10, atol=1e-12)
        assert np.abs(gradient).max() > 1e-3


def message(columns: Any) -> str:
    with pytest.raises(UserError) as caught:
        make_request(load_model(siren((2, 4, 3))), order=1, columns=columns, place="m.onnx")
    return str(caught.value)


def test_an_output_that_does_not_exist() -> None:
    assert message({"x": [0]}) == (
        "m.onnx: columns names 'x', which is not an output of the model; expected one of 'y'"
    )


@pytest.mark.parametrize("columns", [[], [3], [-1], [0, 0], ["0"], [True]])
def test_columns_that_are_none(columns: Any) -> None:
    assert message({"y": columns}) == f"m.onnx: columns of 'y' are {columns!r}; expected numbers from 0 to 2, each once"


def test_columns_of_an_unknown_number() -> None:
    nodes = [helper.make_node("Sin", ["x"], ["s"]), helper.make_node("Reshape", ["s", "flat"], ["y"])]
    model = load_model(build_model(nodes, {"x": ["N", 2]}, {"y": ["M"]}, {"flat": np.array([-1])}))
    with pytest.raises(UserError) as caught:
        make_request(model, order=1, columns={"y": [0]})
    assert str(caught.value) == "columns of 'y': their number is not known; expected a known last axis"
