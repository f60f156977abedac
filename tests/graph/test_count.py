"""Counting nodes, matrix products and multiply-accumulates per row."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import helper

from inrarch.graph.count import Counts, count
from inrarch.graph.load import load_model
from tests.models import build_model, siren


@pytest.mark.parametrize("batch", ["N", 64, 1])
@pytest.mark.parametrize("gemm", [True, False])
def test_macs_per_row_do_not_depend_on_the_batch(batch: int | str, gemm: bool) -> None:
    counts = count(load_model(siren((2, 8, 8, 3), batch=batch, gemm=gemm)))
    assert counts.matmuls == 3
    assert counts.macs_per_row == 2 * 8 + 8 * 8 + 8 * 3


def test_operators_are_counted_by_name() -> None:
    counts = count(load_model(siren((2, 8, 8, 3))))
    assert counts == Counts(7, 3, 104, 4 * 8, {"Gemm": 3, "Mul": 2, "Sin": 2})
    assert counts.summary() == "7 nodes, 3 matmuls, 104 MAC per row"


def test_transposed_operands_and_stacks() -> None:
    nodes = [
        helper.make_node("Transpose", ["x"], ["t"], perm=[1, 0]),
        helper.make_node("Gemm", ["t", "w"], ["h"], transA=1),
        helper.make_node("Reshape", ["h", "cube"], ["c"]),
        helper.make_node("MatMul", ["c", "v"], ["y"]),
    ]
    weights = {"w": np.ones((5, 6)), "cube": np.array([0, 2, 3]), "v": np.ones((3, 4))}
    model = load_model(build_model(nodes, {"x": ["N", 5]}, {"y": ["N", 2, 4]}, weights))
    assert count(model).macs_per_row == 5 * 6 + 2 * 3 * 4


def test_all_element_wise_operators_count_whether_they_reach_hardware_or_not() -> None:
    nodes = [
        helper.make_node("Erf", ["x"], ["a"]),
        helper.make_node("Div", ["a", "b"], ["q"]),
        helper.make_node("Softmax", ["q"], ["y"], axis=-1),
    ]
    model = load_model(build_model(nodes, {"x": ["N", 5], "b": ["N", 1]}, {"y": ["N", 5]}))
    assert count(model).pointwise_per_row == 2 * 5


def test_convolutions_count_each_entry_of_the_kernel_for_each_entry_that_it_meets() -> None:
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["h"], group=2),
        helper.make_node("ConvTranspose", ["h", "v"], ["y"]),
    ]
    weights = {"w": np.ones((6, 2, 3)), "v": np.ones((6, 5, 3))}
    model = load_model(build_model(nodes, {"x": ["N", 4, 10]}, {"y": ["N", 5, 10]}, weights))
    assert count(model).matmuls == 0
    assert count(model).macs_per_row == (6 * 8) * (2 * 3) + (6 * 8) * (5 * 3)
