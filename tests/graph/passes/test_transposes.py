import pytest

from inrarch.graph.passes.transposes import run
from tests.graph.passes.graphs import graph, lines, operators, rewritten

ONE = "g (double[2,3] x) => (double[2,3] y) "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ONE + "{ a = Transpose<perm=[0,1]>(x) y = Sin(a) }", ["y = Sin(x)"]),
        (ONE + "{ a = Transpose<perm=[1,0]>(x) b = Transpose(a) y = Sin(b) }", ["y = Sin(x)"]),
        (ONE + "{ a = Transpose(x) b = Sin(a) y = Transpose(b) }", ["y = Sin(x)"]),
    ],
)
def test_transpositions_cancel(text: str, expected: list[str]) -> None:
    assert rewritten(run, text) == expected


def test_orders_of_higher_rank_are_composed() -> None:
    text = "g (double[2,3,4] x) => (double[4,2,3] y) { a = Transpose<perm=[1,2,0]>(x) y = Transpose<perm=[1,2,0]>(a) }"
    assert rewritten(run, text) == ["y = Transpose(x)"]
    model = graph(text)
    run(model)
    assert list(next(iter(model.graph)).attributes["perm"].as_ints()) == [2, 0, 1]


def test_a_network_with_weights_on_the_left_gets_them_on_the_right() -> None:
    text = (
        "g (double[N,2] x) => (double[N,1] y) "
        "<double[3,2] w = {1, 2, 3, 4, 5, 6}, double[3,1] b = {1, 2, 3}, double[1,3] v = {1, 2, 3}>"
        "{ a = Transpose<perm=[1,0]>(x) m = MatMul(w, a) p = Add(m, b) s = Sin(p) c = Cos(p) q = Mul(s, c)"
        "  o = MatMul(v, q) y = Transpose<perm=[1,0]>(o) }"
    )
    rewritten(run, text)
    model = graph(text)
    run(model)
    assert operators(model) == ["MatMul", "Add", "Sin", "Cos", "Mul", "MatMul"]


@pytest.mark.parametrize(
    "text",
    [
        ONE + "{ a = Transpose<perm=[1,0]>(x) b = Softplus(a) c = MatMul(a, x) d = MatMul(c, b) y = Transpose(d) }",
        "g (double[2,2] x, double[2,2] z) => (double[2,2] y) { a = Transpose<perm=[1,0]>(x) y = Add(a, z) }",
        "g (double[2,2] x) => (double[2,2] y, double[2,2] a) { a = Transpose<perm=[1,0]>(x) y = Sin(a) }",
    ],
    ids=["a use that stops it", "only one operand transposed", "an output"],
)
def test_what_is_not_handled_stays(text: str) -> None:
    assert rewritten(run, text) == lines(graph(text))
