import pytest

from inrarch.graph.passes.like_terms import run
from tests.graph.passes.graphs import graph, lines, rewritten

ONE = "g (double[N,3] x) => (double[N,3] y) <double c = {3}, double d = {5}> "
TWO = "g (double[N,3] a, double[N,3] b) => (double[N,3] y) <double c = {3}, double d = {-3}> "
THREE = "g (double[N,3] a, double[N,3] b, double[3] z) => (double[N,3] y) <double c = {3}> "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ONE + "{ y = Add(x, x) }", ["y = Mul(x, 2)"]),
        (ONE + "{ p = Mul(x, c) y = Add(p, x) }", ["y = Mul(x, 4)"]),
        (ONE + "{ p = Mul(x, c) y = Sub(x, p) }", ["y = Mul(x, -2)"]),
        (ONE + "{ p = Mul(x, c) q = Mul(x, d) y = Add(p, q) }", ["y = Mul(x, 8)"]),
        (ONE + "{ p = Mul(x, c) q = Mul(x, d) y = Sub(p, q) }", ["y = Mul(x, -2)"]),
        (TWO + "{ p = Mul(a, c) q = Mul(b, c) y = Add(p, q) }", ["y/Add = Add(a, b)", "y = Mul(y/Add, 3)"]),
        (TWO + "{ p = Mul(a, c) q = Mul(b, d) y = Add(p, q) }", ["y/Sub = Sub(a, b)", "y = Mul(y/Sub, 3)"]),
        (TWO + "{ p = Mul(a, d) q = Mul(b, c) y = Sub(p, q) }", ["y/Add = Add(a, b)", "y = Mul(y/Add, -3)"]),
        (THREE + "{ p = Mul(a, b) q = Mul(z, a) y = Add(p, q) }", ["y/Add = Add(b, z)", "y = Mul(a, y/Add)"]),
        (THREE + "{ p = Mul(a, b) q = Mul(c, a) y = Sub(p, q) }", ["y/Sub = Sub(b, 3)", "y = Mul(a, y/Sub)"]),
    ],
)
def test_terms_with_something_in_common_share_a_multiplication(text: str, expected: list[str]) -> None:
    assert rewritten(run, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        TWO + "{ p = Mul(a, c) q = Mul(b, c) r = Add(p, q) y = Mul(r, p) }",
        TWO + "{ p = Mul(a, a) q = Mul(b, b) y = Add(p, q) }",
        TWO + "{ m = Neg(a) n = Neg(b) y = Add(m, n) }",
    ],
    ids=["shared term", "nothing in common", "only a sign in common"],
)
def test_what_is_not_handled_stays(text: str) -> None:
    assert rewritten(run, text) == lines(graph(text))
