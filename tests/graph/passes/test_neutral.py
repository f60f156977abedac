import pytest

from inrarch.graph.passes.neutral import run
from tests.graph.passes.graphs import graph, lines, rewritten

XY = "g (double[N,3] x) => (double[N,3] y) "


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<double[3] c = {0, 0, 0}> { a = Add(x, c) y = Sin(a) }", ["y = Sin(x)"]),
        ("<double c = {0}> { a = Add(c, x) y = Sin(a) }", ["y = Sin(x)"]),
        ("<double c = {0}> { a = Sub(x, c) y = Sin(a) }", ["y = Sin(x)"]),
        ("<double c = {0}> { a = Sub(c, x) y = Sin(a) }", ["a = Neg(x)", "y = Sin(a)"]),
        ("<double[1,3] c = {1, 1, 1}> { a = Mul(x, c) y = Sin(a) }", ["y = Sin(x)"]),
        ("<double c = {1}> { a = Div(x, c) y = Sin(a) }", ["y = Sin(x)"]),
        ("<double c = {-1}> { a = Mul(x, c) y = Sin(a) }", ["a = Neg(x)", "y = Sin(a)"]),
        ("<double c = {-1}> { a = Div(x, c) y = Sin(a) }", ["a = Neg(x)", "y = Sin(a)"]),
    ],
)
def test_zero_and_one_disappear(body: str, expected: list[str]) -> None:
    assert rewritten(run, XY + body) == expected


@pytest.mark.parametrize("zero", ["a = Mul(x, c)", "a = Div(c, x)", "a = Sub(x, x)"])
def test_zeros_of_known_shape_become_constants(zero: str) -> None:
    text = "g (double[2,2] x) => (double[2,2] y) <double c = {0}> { " + zero + " b = Sin(a) y = Add(b, x) }"
    assert rewritten(run, text) == ["b = Sin([[0, 0], [0, 0]])", "y = Add(b, x)"]


@pytest.mark.parametrize("body", ["<double c = {0}> { y = Mul(x, c) }", "{ y = Sub(x, x) }"])
def test_zeros_of_dynamic_shape_do_not_read_the_values(body: str) -> None:
    assert rewritten(run, XY + body) == ["y/Shape = Shape(x)", "y = Expand(0, y/Shape)"]


def test_zeros_of_dynamic_shape_that_only_a_constant_has_stay() -> None:
    text = "g (double[1,3] r) => (double[N,3] y) <double[1,3] z = {0, 0, 0}, int64[1] n = {4}> "
    body = "{ s = Shape(r) t = Expand(z, s) y = Mul(t, r) }"
    assert rewritten(run, text + body)[-1] == "y = Mul(t, r)"


@pytest.mark.parametrize(
    "body",
    [
        "<double[3] c = {0, 0, 1}> { y = Add(x, c) }",
        "<double[3] c = {1, 1, -1}> { y = Mul(x, c) }",
        "<double c = {1}> { y = Div(c, x) }",
    ],
)
def test_other_constants_stay(body: str) -> None:
    text = XY + body
    assert rewritten(run, text) == lines(graph(text))


def test_a_neutral_constant_that_enlarges_the_result_stays() -> None:
    text = "g (double[1,3] x) => (double[4,3] y) <double[4,1] c = {0, 0, 0, 0}> { y = Add(x, c) }"
    assert rewritten(run, text) == ["y = Add(x, [[0], [0], [0], [0]])"]


def test_integers_are_left_alone() -> None:
    text = "g (int64[3] x) => (int64[3] y) <int64 c = {0}> { y = Add(x, c) }"
    model = graph(text)
    assert run(model) == 0


def test_an_output_that_equals_an_input_keeps_its_name_through_an_identity() -> None:
    assert rewritten(run, XY + "<double c = {1}> { y = Mul(x, c) }") == ["y = Identity(x)"]
