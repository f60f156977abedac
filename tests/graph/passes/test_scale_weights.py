import numpy as np
import pytest

from inrarch.graph.passes.scale_weights import run
from tests.graph.passes.graphs import constants, graph, lines, rewritten

HEAD = (
    "g (double[N,2] x, double[N,2] z) => (double[N,3] y, double[N,3] q) "
    "<double c = {30}, double d = {60}, double[3] v = {2, 3, 4}, double[2] r = {5, 6}, double zero = {0}, "
    "double[2,3] w = {1, 2, 3, 4, 5, 6}, double[3] b = {1, 2, 3}> "
)
W30 = "[[30, 60, 90], [120, 150, 180]]"


def test_a_factor_behind_all_products_goes_into_weight_and_bias() -> None:
    text = HEAD + "{ l = Gemm(x, w, b) y = Mul(l, c) m = MatMul(z, w) q = Mul(m, c) }"
    assert rewritten(run, text) == [f"y = Gemm(x, {W30}, [30, 60, 90])", f"q = MatMul(z, {W30})"]


def test_products_keep_sharing_one_weight() -> None:
    model = graph(HEAD + "{ l = Gemm(x, w, b) y = Mul(l, c) m = MatMul(z, w) q = Mul(m, c) }")
    run(model)
    first, second = model.graph
    assert first.inputs[1] is second.inputs[1]


def test_a_vector_of_factors_goes_into_the_columns() -> None:
    text = HEAD + "{ l = Gemm(x, w, b) y = Mul(l, v) m = MatMul(z, w) q = Mul(m, v) }"
    weight = "[[2, 6, 12], [8, 15, 24]]"
    assert rewritten(run, text) == [f"y = Gemm(x, {weight}, [2, 6, 12])", f"q = MatMul(z, {weight})"]


def test_the_most_frequent_factor_is_chosen_and_the_others_divided() -> None:
    text = (
        "g (double[N,2] x) => (double[N,2] y) <double c = {30}, double d = {60}, double[2,2] w = {1, 2, 3, 4}>"
        "{ k = MatMul(x, w) l = Mul(k, c) m = MatMul(l, w) n = Mul(m, d) o = MatMul(n, w) y = Mul(o, c) }"
    )
    weight = "[[30, 60], [90, 120]]"
    assert rewritten(run, text) == [
        f"k = MatMul(x, {weight})",
        f"m = MatMul(k, {weight})",
        "n = Mul(m, 2)",
        f"y = MatMul(n, {weight})",
    ]


def test_a_negation_counts_as_a_factor() -> None:
    text = HEAD + "{ l = Gemm(x, w, b) y = Neg(l) m = MatMul(z, w) q = Neg(m) }"
    weight = "[[-1, -2, -3], [-4, -5, -6]]"
    assert rewritten(run, text) == [f"y = Gemm(x, {weight}, [-1, -2, -3])", f"q = MatMul(z, {weight})"]


def test_a_common_factor_in_front_goes_into_the_rows() -> None:
    text = HEAD + "{ s = Mul(x, r) y = Gemm(s, w, b) t = Mul(z, r) q = MatMul(t, w) }"
    weight = "[[5, 10, 15], [24, 30, 36]]"
    assert rewritten(run, text) == [f"y = Gemm(x, {weight}, [1, 2, 3])", f"q = MatMul(z, {weight})"]


@pytest.mark.parametrize(
    "body",
    [
        "{ l = Gemm(x, w, b) y = Mul(l, c) q = MatMul(z, w) }",
        "{ l = MatMul(x, w) m = MatMul(z, w) y = Mul(l, c) q = Add(m, l) }",
        "{ s = Mul(x, c) y = MatMul(s, w) t = Mul(z, d) q = MatMul(t, w) }",
        "{ s = Mul(x, c) y = MatMul(s, w) t = Mul(z, c) u = MatMul(t, w) a = Add(t, s) e = MatMul(a, w)"
        "  q = Add(u, e) }",
        "{ l = MatMul(x, w) y = Mul(l, zero) m = MatMul(z, w) q = Mul(m, c) }",
    ],
    ids=["unscaled result", "another use", "factors differ in front", "input used elsewhere", "ratio with zero"],
)
def test_a_layer_that_does_not_agree_keeps_its_multiplications(body: str) -> None:
    text = HEAD + body
    assert rewritten(run, text) == lines(graph(text))


def test_the_scaled_weight_is_rounded_once_and_the_given_one_untouched() -> None:
    head = "g (float[N,1] x) => (float[N,1] y) <float c = {0.1}, float[1,1] w = {0.3}>"
    model = graph(head + "{ l = MatMul(x, w) y = Mul(l, c) }")
    weight = model.graph.initializers["w"].const_value
    given = weight.numpy().copy()
    assert run(model) == 1
    exact = np.float64(np.float32(0.1)) * np.float64(given)
    assert constants(model)["w/scaled"].const_value.numpy() == exact.astype(np.float32)
    assert "w" not in model.graph.initializers
    np.testing.assert_array_equal(weight.numpy(), given)


def test_a_layer_that_only_unused_multiplications_need_goes_with_them() -> None:
    text = (
        "g (double[N,2] x) => (double[N,3] y) <double c = {30}, double d = {60}, double[2,3] w = {1, 2, 3, 4, 5, 6}, "
        "double[2,3] v = {1, 1, 1, 1, 1, 1}> "
        "{ s = Mul(x, c) l = MatMul(s, w) unused = Mul(l, d) y = MatMul(x, v) }"
    )
    assert rewritten(run, text) == ["y = MatMul(x, [[1, 1, 1], [1, 1, 1]])"]
