import numpy as np
import onnx_ir as ir
import pytest

from inrarch.graph.cast import with_floats
from inrarch.graph.equivalence import DifferentResultError, check_same_results, differences
from tests.graph.passes.graphs import graph, random_feeds

TEXT = "g (float[N,2] x) => (float[N,2] y) <float c = {2.0}> { y = Mul(x, c) }"


def with_factor(model: ir.Model, factor: float) -> ir.Model:
    copy = model.clone()
    constant = copy.graph.initializers["c"]
    constant.const_value = ir.Tensor(np.array(factor, dtype=constant.dtype.numpy()), name="c")
    return copy


def check(before: ir.Model, exact: float, rounded: float) -> None:
    feeds = random_feeds(before)
    check_same_results(before, with_factor(before, rounded), lambda model: with_factor(model, exact), feeds)


def test_equal_graphs_agree() -> None:
    check(graph(TEXT), 2.0, 2.0)


def test_rounding_of_constants_is_tolerated_in_float32_only() -> None:
    check(graph(TEXT), 2.0, 2.0 * (1 + 1e-6))
    with pytest.raises(DifferentResultError, match=r"in float64: output 'y' by 1e-06 of"):
        check(with_floats(graph(TEXT), ir.DataType.DOUBLE), 2.0, 2.0 * (1 + 1e-6))


def test_a_small_mistake_of_a_rewrite_is_found_although_float32_would_hide_it() -> None:
    with pytest.raises(DifferentResultError) as caught:
        check(graph(TEXT), 2.0 * (1 + 1e-6), 2.0)
    assert str(caught.value) == (
        "the optimised graph differs from the original in float64 without rounding: "
        "output 'y' by 1e-06 of its largest value, tolerated 1e-09"
    )


def test_differences_are_relative_to_the_largest_magnitude() -> None:
    found = differences({"y": np.array([1.0, -4.0])}, {"y": np.array([1.4, -4.0])})
    assert found == {"y": pytest.approx(0.1)}


def test_points_where_the_original_is_not_finite_do_not_count() -> None:
    assert differences({"y": np.array([1.0, np.nan])}, {"y": np.array([1.0, 0.0])}) == {"y": 0.0}
    assert differences({"y": np.array([1.0])}, {"y": np.array([np.nan])}) == {"y": float("inf")}


def test_another_shape_is_a_difference() -> None:
    assert differences({"y": np.zeros((2, 1))}, {"y": np.zeros(2)}) == {"y": float("inf")}
