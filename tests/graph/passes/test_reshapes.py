import pytest

from inrarch.graph.passes.reshapes import run
from tests.graph.passes.graphs import graph, lines, rewritten

XY = (
    "g (double[N,3] x) => (double[N,3] y) "
    "<int64[2] same = {-1, 3}, int64[2] copied = {0, 3}, int64[3] deep = {-1, 3, 1}, int64[1] flat = {-1}> "
)


@pytest.mark.parametrize(
    "body",
    [
        "{ a = Reshape(x, same) y = Sin(a) }",
        "{ a = Reshape(x, copied) y = Sin(a) }",
        "{ a = Reshape(x, deep) b = Reshape(a, same) y = Sin(b) }",
        "{ a = Reshape(x, flat) b = Reshape(a, deep) c = Reshape(b, same) y = Sin(c) }",
    ],
)
def test_a_value_that_comes_back_to_its_shape_is_the_value(body: str) -> None:
    assert rewritten(run, XY + body) == ["y = Sin(x)"]


def test_two_reshapes_become_one() -> None:
    text = (
        "g (double[2,6] x) => (double[4,3] y) <int64[1] flat = {-1}, int64[2] s = {4, 3}> "
        "{ a = Reshape(x, flat) y = Reshape(a, s) }"
    )
    assert rewritten(run, text) == ["y = Reshape(x, [4, 3])"]


def test_a_computed_shape_becomes_a_constant() -> None:
    text = (
        "g (double[N,2,3] x) => (double[N,6] y) <int64[1] zero = {0}, int64[1] one = {1}, int64[1] six = {6}> "
        "{ s = Shape(x) n = Slice(s, zero, one, zero) t = Concat<axis=0>(n, six) y = Reshape(x, t) }"
    )
    assert rewritten(run, text) == ["y = Reshape(x, [-1, 6])"]


def test_reshapes_around_elementwise_operators_meet() -> None:
    body = "{ a = Reshape(x, deep) b = Sin(a) c = Reshape(x, deep) d = Mul(b, c) y = Reshape(d, same) }"
    assert rewritten(run, XY + body) == ["b/Sin = Sin(x)", "y = Mul(b/Sin, x)"]


def test_constant_numbers_do_not_hold_a_reshape() -> None:
    text = XY.replace("<", "<double c = {2}, ") + "{ a = Reshape(x, deep) b = Mul(a, c) y = Reshape(b, same) }"
    assert rewritten(run, text) == ["y = Mul(x, 2)"]


def test_a_transposition_of_ones_is_a_reshape() -> None:
    body = "{ a = Reshape(x, deep) b = Transpose<perm=[0, 2, 1]>(a) y = Reshape(b, same) }"
    assert rewritten(run, XY + body) == ["y = Identity(x)"]


@pytest.mark.parametrize(
    "text",
    [
        "g (double[2,3] x) => (double[3,2] y) <int64[2] s = {3, 2}> { y = Reshape(x, s) }",
        "g (double[2,3] x) => (double[1,3,2] y) <int64[3] s = {1, 2, 3}> "
        "{ a = Reshape(x, s) y = Transpose<perm=[0, 2, 1]>(a) }",
        "g (double[2,3] x, double[3,2] r) => (double[6] y) <int64[2] s = {3, 2}, int64[1] t = {6}> "
        "{ a = Reshape(x, s) b = Add(a, r) y = Reshape(b, t) }",
        "g (double[2,3] x) => (double[3,2] y, double[3,2] a) <int64[2] s = {3, 2}> { a = Reshape(x, s) y = Sin(a) }",
        "g (double[N,M,3] x) => (double[K,L,3] y) <int64[3] s = {4, -1, 3}> { a = Reshape(x, s) y = Sin(a) }",
    ],
    ids=["another shape", "axes move", "one operand only", "nothing follows", "two unknown sizes"],
)
def test_changes_of_shape_that_matter_stay(text: str) -> None:
    assert rewritten(run, text) == lines(graph(text))
