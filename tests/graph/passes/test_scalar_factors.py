import numpy as np
import pytest

from inrarch.graph.passes.scalar_factors import run
from tests.graph.passes.graphs import constants, graph, lines, operators, rewritten

ONE = "g (double[N,3] x) => (double[N,3] y) <double c = {3}, double d = {5}, double[3] v = {1, 2, 3}> "
TWO = "g (double[N,3] a, double[N,3] b) => (double[N,3] y) <double c = {3}, double d = {5}> "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ONE + "{ p = Mul(x, c) y = Mul(p, d) }", ["y = Mul(x, 15)"]),
        (ONE + "{ p = Mul(x, c) y = Mul(p, v) }", ["y = Mul(x, [3, 6, 9])"]),
        (ONE + "{ p = Add(x, c) y = Add(p, d) }", ["y = Add(x, 8)"]),
        (ONE + "{ p = Add(x, c) y = Sub(d, p) }", ["y = Sub(2, x)"]),
        (ONE + "{ p = Sub(c, x) y = Add(p, d) }", ["y = Sub(8, x)"]),
        (ONE + "{ p = Sub(c, x) y = Sub(d, p) }", ["y = Add(x, 2)"]),
        (ONE + "{ p = Div(c, x) y = Mul(p, d) }", ["y = Div(15, x)"]),
        (TWO + "{ p = Mul(a, c) y = Mul(p, b) }", ["y.1 = Mul(a, b)", "y = Mul(y.1, 3)"]),
        (TWO + "{ p = Mul(b, c) y = Mul(a, p) }", ["y.1 = Mul(a, b)", "y = Mul(y.1, 3)"]),
        (TWO + "{ p = Mul(a, c) y = Div(p, b) }", ["y.1 = Div(a, b)", "y = Mul(y.1, 3)"]),
    ],
)
def test_constants_meet(text: str, expected: list[str]) -> None:
    assert with_plain_names(rewritten(run, text)) == expected


def test_a_factor_leaves_a_denominator_as_its_reciprocal() -> None:
    text = "g (double[N,3] a, double[N,3] b) => (double[N,3] y) <double c = {4}> { p = Mul(b, c) y = Div(a, p) }"
    assert rewritten(run, text)[-1].endswith(", 0.25)")


def test_factors_of_a_product_chain_become_one() -> None:
    text = TWO + "{ p = Mul(a, c) q = Mul(b, d) r = Mul(p, q) s = Mul(r, a) y = Mul(s, c) }"
    assert rewritten(run, text)[-1].endswith(", 45)")
    model = graph(text)
    run(model)
    assert operators(model) == ["Mul"] * 3


def test_a_factor_passes_a_matmul_that_does_not_widen() -> None:
    narrow = "g (double[N,3] x) => (double[N,2] y) <double c = {3}, double[3,2] w = {1, 2, 3, 4, 5, 6}>"
    assert rewritten(run, narrow + "{ p = Mul(x, c) y = MatMul(p, w) }")[-1].endswith(", 3)")
    wide = "g (double[N,2] x) => (double[N,3] y) <double c = {3}, double[2,3] w = {1, 2, 3, 4, 5, 6}>"
    text = wide + "{ p = Mul(x, c) y = MatMul(p, w) }"
    assert rewritten(run, text) == lines(graph(text))


@pytest.mark.parametrize(
    "text",
    [
        TWO + "{ p = Mul(a, c) q = Mul(p, b) y = Add(p, q) }",
        "g (double[N,3] a, double[N,3] b) => (double[N,3] y) <double[3] v = {1, 2, 3}> { p = Mul(a, v) y = Mul(p, b) }",
        "g (double[2,3] x) => (double[2,3] y) <double[3] v = {1, 2, 3}, double[2,1] w = {1, 2}>"
        "{ p = Mul(x, v) y = Mul(p, w) }",
        "g (double[N,3] x) => (double[N,3] y) <double c = {3}, double d = {2}>"
        "{ p = Mul(x, c) q = Mul(p, d) y = Add(p, q) }",
    ],
    ids=["shared factor", "vector", "larger constant", "power of two of a shared multiple"],
)
def test_what_is_not_handled_stays(text: str) -> None:
    assert rewritten(run, text) == lines(graph(text))


def test_constants_are_not_merged_where_the_product_overflows() -> None:
    text = "g (float[N,3] x) => (float[N,3] y) <float c = {1e30}> { p = Mul(x, c) y = Mul(p, c) }"
    model = graph(text)
    assert run(model) == 0


def test_the_merged_constant_is_rounded_once() -> None:
    head = "g (float[N,3] x) => (float[N,3] y) <float c = {0.1}, float d = {0.3}>"
    model = graph(head + "{ p = Mul(x, c) y = Mul(p, d) }")
    assert run(model) == 1
    merged = [value.const_value.numpy() for name, value in constants(model).items() if name not in "cd"]
    assert merged == [np.float32(np.float64(np.float32(0.1)) * np.float64(np.float32(0.3)))]


def with_plain_names(listing: list[str]) -> list[str]:
    return [line.replace("y/Mul", "y.1").replace("y/Div", "y.1") for line in listing]
