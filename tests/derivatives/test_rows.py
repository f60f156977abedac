"""Models that mix the rows of a batch are refused: expanding them would add up the derivatives of several rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from inrarch.derivatives.rows import check_rows_are_independent
from inrarch.errors import UserError
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
