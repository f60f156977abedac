import pytest

from inrarch.graph.passes.eliminate_common import run
from tests.graph.passes.graphs import constants, graph, lines, rewritten

TWO = "g (double[N,3] a, double[N,3] b) => (double[N,3] y) "


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{ p = Sin(a) q = Sin(a) y = Sub(p, q) }", ["p = Sin(a)", "y = Sub(p, p)"]),
        ("{ p = Mul(a, b) q = Mul(b, a) y = Sub(p, q) }", ["p = Mul(a, b)", "y = Sub(p, p)"]),
        ("<double c = {2}, double d = {2}> { p = Mul(a, c) q = Mul(a, d) y = Sub(p, q) }",
         ["p = Mul(a, 2)", "y = Sub(p, p)"]),
        ("{ p = Sin(a) q = Sin(a) r = Cos(p) s = Cos(q) y = Sub(r, s) }",
         ["p = Sin(a)", "r = Cos(p)", "y = Sub(r, r)"]),
    ],
)  # fmt: skip
def test_equal_nodes_become_one(body: str, expected: list[str]) -> None:
    assert rewritten(run, TWO + body) == expected


def test_constants_of_equal_value_become_one_and_large_ones_too() -> None:
    model = graph(
        "g (double[N,2] x) => (double[N,2] y) <double[2,2] v = {1, 2, 3, 4}, double[2,2] w = {1, 2, 3, 4}, "
        "double[4] z = {1, 2, 3, 4}, int64[2] s = {2, 2}>"
        "{ m = MatMul(x, v) r = Reshape(z, s) n = MatMul(m, w) y = MatMul(n, r) }"
    )
    assert run(model) == 1
    assert set(constants(model)) == {"v", "z", "s"}


@pytest.mark.parametrize(
    "text",
    [
        TWO + "{ p = Sub(a, b) q = Sub(b, a) y = Mul(p, q) }",
        TWO + "{ p = Mul(a, b) q = Mul(p, a) r = Mul(a, a) s = Mul(r, b) y = Sub(q, s) }",
        "g (double[2,2] a) => (double[2,2] y)"
        "{ p = Transpose<perm=[0,1]>(a) q = Transpose<perm=[1,0]>(a) y = Sub(p, q) }",
    ],
    ids=["not commutative", "longer chains", "different attributes"],
)
def test_different_nodes_stay_apart(text: str) -> None:
    assert rewritten(run, text) == lines(graph(text))


def test_two_equal_outputs_keep_their_names() -> None:
    text = "g (double[N,3] a) => (double[N,3] y, double[N,3] z) { y = Sin(a) z = Sin(a) }"
    assert rewritten(run, text) == ["y = Sin(a)", "z = Identity(y)"]
    model = graph(text)
    run(model)
    assert run(model) == 0
