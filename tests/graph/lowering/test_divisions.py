import pytest

from inrarch.graph.lowering.divisions import run
from tests.graph.passes.graphs import graph, lines, rewritten

HEAD = "g (double[N,2] x, double[N,2] z) => (double[N,2] y) "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ y = Div(x, z) }", ["y/Reciprocal = Reciprocal(z)", "y = Mul(x, y/Reciprocal)"]),
        ("<double one = {1}> { y = Div(one, z) }", ["y = Reciprocal(z)"]),
        ("<double two = {2}> { y = Div(two, z) }", ["y/Reciprocal = Reciprocal(z)", "y = Mul(2, y/Reciprocal)"]),
        ("{ a = Mul(x, x) b = Sqrt(a) y = Reciprocal(b) }", ["a = Mul(x, x)", "y = Pow(a, -0.5)"]),
    ],
)
def test_divisions_are_products_with_a_reciprocal(text: str, expected: list[str]) -> None:
    assert rewritten(run, HEAD + text) == expected


def test_a_one_that_enlarges_the_result_is_a_factor() -> None:
    text = "g (double[1,2] x) => (double[2,2] y) <double[2,1] one = {1, 1}> { y = Div(one, x) }"
    assert rewritten(run, text)[-1].startswith("y = Mul(")


def test_integers_stay() -> None:
    text = "g (int64[N,2] x, int64[N,2] z) => (int64[N,2] y) { y = Div(x, z) }"
    assert rewritten(run, text) == lines(graph(text))
