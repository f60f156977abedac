import pytest

from inrarch.graph.passes.negations import run
from tests.graph.passes.graphs import graph, lines, operators, rewritten

ONE = "g (double[N,3] x) => (double[N,3] y) "
TWO = "g (double[N,3] a, double[N,3] b) => (double[N,3] y) "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ONE + "{ p = Neg(x) q = Neg(p) y = Exp(q) }", ["y = Exp(x)"]),
        (TWO + "{ n = Neg(b) y = Add(a, n) }", ["y = Sub(a, b)"]),
        (TWO + "{ n = Neg(a) y = Add(n, b) }", ["y = Sub(b, a)"]),
        (TWO + "{ n = Neg(b) y = Sub(a, n) }", ["y = Add(a, b)"]),
        (ONE + "<double c = {2}> { y = Sub(x, c) }", ["y = Add(x, -2)"]),
        (ONE + "<double c = {2}> { n = Neg(x) y = Add(n, c) }", ["y = Sub(2, x)"]),
        (ONE + "<double c = {2}> { p = Mul(x, c) y = Neg(p) }", ["y = Mul(x, -2)"]),
        (ONE + "<double c = {2}> { p = Div(c, x) y = Neg(p) }", ["y = Div(-2, x)"]),
        (ONE + "<double c = {2}> { p = Add(x, c) y = Neg(p) }", ["y = Sub(-2, x)"]),
        (TWO + "{ d = Sub(a, b) y = Neg(d) }", ["y = Sub(b, a)"]),
        (TWO + "{ m = Neg(a) n = Neg(b) y = Mul(m, n) }", ["y = Mul(a, b)"]),
        (ONE + "{ n = Neg(x) y = Mul(n, n) }", ["y = Mul(x, x)"]),
        (TWO + "{ m = Neg(a) n = Neg(b) y = Div(m, n) }", ["y = Div(a, b)"]),
        (ONE + "{ n = Neg(x) y = Cos(n) }", ["y = Cos(x)"]),
        (ONE + "<double c = {2}> { n = Neg(x) y = Mul(n, c) }", ["y = Mul(x, -2)"]),
    ],
)
def test_signs_merge_with_their_surroundings(text: str, expected: list[str]) -> None:
    assert rewritten(run, text) == expected


def test_a_sign_moves_through_products_and_matmuls_to_where_it_vanishes() -> None:
    text = (
        "g (double[N,2] a, double[N,2] b) => (double[N,2] y) <double[2,2] w = {1, 2, 3, 4}>"
        "{ n = Neg(a) p = Mul(n, b) m = MatMul(p, w) s = Sin(m) y = Sub(b, s) }"
    )
    assert operators_after(text) == ["Mul", "MatMul", "Sin", "Add"]


def test_a_sign_moves_through_changes_of_shape_with_their_attributes() -> None:
    text = (
        "g (double[2,3] a, double[6] b) => (double[6] y) <int64[1] flat = {-1}>"
        "{ n = Neg(a) t = Transpose<perm=[1,0]>(n) r = Reshape(t, flat) y = Add(b, r) }"
    )
    assert operators_after(text) == ["Transpose", "Reshape", "Sub"]


def test_a_sign_vanishes_on_each_of_several_paths() -> None:
    text = TWO + "{ n = Neg(a) p = Mul(n, b) q = Mul(n, a) r = Add(p, a) s = Sub(q, r) t = Add(s, b) y = Mul(t, r) }"
    assert "Neg" not in operators_after(text)


@pytest.mark.parametrize(
    "text",
    [
        TWO + "{ n = Neg(a) p = Mul(n, b) y = Exp(p) }",
        TWO + "{ n = Neg(a) p = Mul(n, b) q = Exp(n) y = Add(p, q) }",
        ONE + "{ n = Neg(x) y = Exp(n) }",
        "g (double[N,2] x) => (double[N,2] y) <double[2,2] w = {1, 2, 3, 4}, double[2] b = {1, 2}>"
        "{ n = Neg(x) m = Gemm(n, w, b) y = Add(m, x) }",
    ],
)
def test_a_sign_that_would_remain_elsewhere_is_not_moved(text: str) -> None:
    assert rewritten(run, text) == lines(graph(text))


def test_negation_of_a_shared_difference_stays() -> None:
    text = TWO + "{ d = Sub(a, b) n = Neg(d) e = Exp(n) y = Mul(e, d) }"
    assert rewritten(run, text) == lines(graph(text))


def operators_after(text: str) -> list[str]:
    rewritten(run, text)
    model = graph(text)
    run(model)
    return operators(model)


def test_a_sign_is_not_followed_without_end() -> None:
    steps = " ".join(f"v{i + 1} = Sin(v{i})" for i in range(2000))
    model = graph(ONE + "{ v0 = Neg(x) " + steps + " y = Cos(v2000) }")
    assert run(model) == 0
