"""Lowering of operators over axes: reductions, matrix products of computed tensors, convolutions."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import onnx
import pytest

from inrarch.graph.load import load_model
from inrarch.graph.lowering import computed_products, convolutions, reductions
from inrarch.graph.lowering.pipeline import lower
from tests.dataflow.networks import node
from tests.graph.passes.graphs import assert_same_results
from tests.models import build_model

_NUMBERS = np.random.default_rng(4)


def graph(last: onnx.NodeProto, given: list[Any], made: list[Any], **constants: np.ndarray) -> Any:
    return load_model(build_model([last], {"x": given}, {"y": made}, constants))


def lowered(model: Any, tolerance: float = 1e-12) -> Counter[str]:
    """The operators after lowering, which gives the same results."""
    after, _ = lower(model)
    assert_same_results(model, after, tolerance)
    return Counter(each.op_type for each in after.graph)


@pytest.mark.parametrize("keepdims", [0, 1])
def test_sums_of_one_number_are_no_sums(keepdims: int) -> None:
    made: list[Any] = ["N", 1, 2, 1, 3] if keepdims else ["N", 2, 3]
    last = node("ReduceSum", ["x", "axes"], "y", keepdims=keepdims)
    found = lowered(graph(last, ["N", 1, 2, 1, 3], made, axes=np.array([1, -2])))
    assert found == ({"Identity": 1} if keepdims else {"Squeeze": 1})


def test_a_sum_over_a_batch_of_one_row_stays() -> None:
    last = node("ReduceSum", ["x", "axes"], "y", keepdims=0)
    assert lowered(graph(last, [1, 2], [2], axes=np.array([0]))) == {"ReduceSum": 1}


@pytest.mark.parametrize("keepdims", [0, 1])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7])
@pytest.mark.parametrize("operator", ["Max", "Min", "Prod", "Mean", "SumSquare", "L1", "L2", "LogSumExp"])
def test_reductions_over_known_axes_are_written_with_sums_and_pairs(operator: str, size: int, keepdims: int) -> None:
    made: list[Any] = ["N", 1, 2] if keepdims else ["N", 2]
    last = node(f"Reduce{operator}", ["x", "axes"], "y", keepdims=keepdims)
    # 1/n is a constant of the model's type, float32.
    tolerance = 1e-7 if operator == "Mean" else 1e-12
    left = lowered(graph(last, ["N", size, 2], made, axes=np.array([-2])), tolerance)
    assert not {name for name in left if name.startswith("Reduce")} - {"ReduceSum"}


def test_the_largest_of_seven_takes_three_comparisons() -> None:
    last = node("ReduceMax", ["x", "axes"], "y", keepdims=1)
    left = lowered(graph(last, ["N", 7], ["N", 1], axes=np.array([1])))
    assert (left["Greater"], left["Where"], left["Slice"]) == (3, 3, 6)


def test_reductions_over_two_axes_and_over_none() -> None:
    last = node("ReduceMin", ["x", "axes"], "y", keepdims=0)
    assert lowered(graph(last, ["N", 3, 2], ["N"], axes=np.array([1, 2])))["Greater"] == 3
    last = node("ReduceMean", ["x"], "y", noop_with_empty_axes=1)
    assert "ReduceMean" not in lowered(graph(last, ["N", 3], ["N", 3]))


def test_a_reduction_over_the_batch_stays() -> None:
    last = node("ReduceMax", ["x", "axes"], "y", keepdims=1)
    model = graph(last, ["N", 3], [1, 3], axes=np.array([0]))
    assert reductions.run(model) == 0


def test_a_constant_matrix_on_the_left_is_one_on_the_right_of_transposed_rows() -> None:
    last = node("MatMul", ["a", "x"], "y")
    left = lowered(graph(last, ["N", 3, 5], ["N", 2, 5], a=_NUMBERS.normal(size=(2, 3))))
    assert left == {"Transpose": 2, "MatMul": 1}


@pytest.mark.parametrize("shape", [(3, 5), (2, 3, 5), (1, 3, 5)])
def test_a_stack_of_constant_matrices_is_products_and_sums(shape: tuple[int, ...]) -> None:
    last = node("MatMul", ["x", "a"], "y")
    left = lowered(graph(last, ["N", 2, 4, 3], ["N", 2, 4, 5], a=_NUMBERS.normal(size=shape)))
    assert left["MatMul"] == (len(shape) == 2)
    assert left["ReduceSum"] == (len(shape) > 2)


def test_a_product_of_two_computed_stacks_is_products_and_sums() -> None:
    nodes = [node("Transpose", ["x"], "t", perm=[0, 2, 1]), node("MatMul", ["x", "t"], "y")]
    model = load_model(build_model(nodes, {"x": ["N", 2, 3]}, {"y": ["N", 2, 2]}, {}))
    left = lowered(model)
    assert (left["MatMul"], left["Mul"], left["ReduceSum"]) == (0, 1, 1)


def test_a_product_that_sums_over_rows_stays() -> None:
    model = graph(node("MatMul", ["x", "x"], "y"), [4, 4], [4, 4])
    assert computed_products.run(model) == 0


def test_a_computed_bias_is_added() -> None:
    nodes = [node("Sin", ["x"], "s"), node("Gemm", ["s", "w", "x"], "y")]
    model = load_model(build_model(nodes, {"x": ["N", 3]}, {"y": ["N", 3]}, {"w": _NUMBERS.normal(size=(3, 3))}))
    assert lowered(model) == {"Sin": 1, "MatMul": 1, "Add": 1}


CONVOLUTIONS: list[tuple[str, list[int], tuple[int, ...], dict[str, Any]]] = [
    ("Conv", [2, 6], (3, 2, 3), {}),
    ("Conv", [2, 6], (3, 2, 3), {"pads": [1, 2], "strides": [2]}),
    ("Conv", [2, 9], (3, 2, 2), {"dilations": [3], "auto_pad": "SAME_UPPER"}),
    ("Conv", [4, 5], (6, 2, 3), {"group": 2, "pads": [1, 1]}),
    ("Conv", [2, 4, 5], (3, 2, 2, 3), {"pads": [1, 0, 0, 1]}),
    ("ConvTranspose", [2, 4], (2, 3, 3), {}),
    ("ConvTranspose", [2, 4], (2, 3, 3), {"strides": [2], "pads": [1, 0], "output_padding": [1]}),
    ("ConvTranspose", [4, 3, 2], (4, 3, 2, 2), {"group": 2, "dilations": [2, 1]}),
]


@pytest.mark.parametrize(("operator", "given", "kernel", "attributes"), CONVOLUTIONS)
@pytest.mark.parametrize("bias", [False, True])
def test_convolutions_are_products_of_patches(
    operator: str, given: list[int], kernel: tuple[int, ...], attributes: dict[str, Any], bias: bool
) -> None:
    groups = attributes.get("group", 1)
    results = kernel[0] if operator == "Conv" else kernel[1] * groups
    constants = {"w": _NUMBERS.normal(size=kernel)}
    if bias:
        constants["b"] = _NUMBERS.normal(size=results)
    last = node(operator, ["x", *constants], "y", **attributes)
    left = lowered(graph(last, ["N", *given], ["N", results, *[None] * (len(given) - 1)], **constants))
    assert left["MatMul"] == groups
    assert not {"Conv", "ConvTranspose"} & set(left)


def test_a_convolution_of_unknown_size_stays() -> None:
    last = node("Conv", ["x", "w"], "y")
    model = graph(last, ["N", 2, "L"], ["N", 3, None], w=_NUMBERS.normal(size=(3, 2, 3)))
    assert convolutions.run(model) == 0
