import numpy as np
import pytest

from inrarch.graph.passes.divisions import run
from tests.graph.passes.graphs import constants, graph, lines, rewritten

XY = "g (double[N,3] x) => (double[N,3] y) "


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<double c = {4}> { y = Div(x, c) }", ["y = Mul(x, 0.25)"]),
        ("<double[3] c = {1, -2, 4}> { y = Div(x, c) }", ["y = Mul(x, [1, -0.5, 0.25])"]),
        ("<double c = {3}, double d = {2}> { a = Mul(x, d) y = Div(c, a) }", ["y = Div(1.5, x)"]),
        ("<double c = {3}> { a = Neg(x) y = Div(c, a) }", ["y = Div(-3, x)"]),
    ],
)
def test_constants_need_no_divider(body: str, expected: list[str]) -> None:
    assert rewritten(run, XY + body) == expected


def test_the_reciprocal_is_rounded_once() -> None:
    model = graph("g (float[N,3] x) => (float[N,3] y) <float c = {0.3}> { y = Div(x, c) }")
    assert run(model) == 1
    (reciprocal,) = [value for name, value in constants(model).items() if name != "c"]
    assert reciprocal.const_value.numpy() == np.float32(1.0 / np.float64(np.float32(0.3)))


@pytest.mark.parametrize(
    "body",
    [
        "<double[3] c = {1, 0, 2}> { y = Div(x, c) }",
        "<double c = {3}> { y = Div(c, x) }",
        "<double c = {3}, double d = {2}> { a = Mul(x, d) b = Div(c, a) y = Add(a, b) }",
    ],
)
def test_other_divisions_stay(body: str) -> None:
    text = XY + body
    model = graph(text)
    assert run(model) == 0
    assert lines(model) == lines(graph(text))


def test_a_reciprocal_that_would_overflow_stays_a_division() -> None:
    model = graph("g (float[N,3] x) => (float[N,3] y) <float c = {2e-38}> { y = Div(x, c) }")
    assert run(model) == 1
    model = graph("g (float[N,3] x) => (float[N,3] y) <float c = {1e-39}> { y = Div(x, c) }")
    assert run(model) == 0
