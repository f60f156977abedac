import pytest

from inrarch.graph.passes.remove_noise import run
from tests.graph.passes.graphs import graph, lines, rewritten

XY = (
    "g (double[N,3] x) => (double[N,3] y) <int64[2] same = {-1, 3}, int64[2] copied = {0, 3}, int64[1] zero = {0}, "
    "int64[1] one = {1}, int64[1] two = {2}, int64[1] three = {3}, int64[1] last = {9223372036854775807}, "
    "int64[1] minus = {-1}, int64[1] first = {-9223372036854775807}> "
)
TWO = (
    "g (double[N,2] a, double[N,3] b) => (double[N,K] y) "
    "<int64[1] s = {3}, int64[1] e = {5}, int64[1] axis = {1}, int64[1] early = {1}> "
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (XY + "{ a = Identity(x) y = Sin(a) }", ["y = Sin(x)"]),
        (XY + "{ a = Reshape(x, same) y = Sin(a) }", ["y = Sin(x)"]),
        (XY + "{ a = Reshape(x, copied) y = Sin(a) }", ["y = Sin(x)"]),
        (XY + "{ s = Shape(x) a = Expand(x, s) y = Sin(a) }", ["s = Shape(x)", "y = Sin(x)"]),
        (XY + "{ a = Slice(x, zero, last, one) y = Sin(a) }", ["y = Sin(x)"]),
        (XY + "{ a = Concat<axis=1>(x) y = Sin(a) }", ["y = Sin(x)"]),
        (XY + "{ a = Slice(x, zero, one, one) b = Slice(x, one, last, minus) c = Concat<axis=-1>(a, b) y = Sin(c) }",
         ["y = Sin(x)"]),
        (TWO + "{ c = Concat<axis=1>(a, b) y = Slice(c, s, e, axis) }", ["y = Slice(b, [1], [3], [1])"]),
    ],
)  # fmt: skip
def test_nodes_that_pass_a_tensor_on_disappear(text: str, expected: list[str]) -> None:
    found = rewritten(run, text)
    assert [line for line in found if "Shape" not in line] == [line for line in expected if "Shape" not in line]


def test_two_reshapes_become_one() -> None:
    text = (
        "g (double[2,6] x) => (double[4,3] y) <int64[1] flat = {-1}, int64[2] s = {4, 3}> "
        "{ a = Reshape(x, flat) y = Reshape(a, s) }"
    )
    assert rewritten(run, text) == ["y = Reshape(x, [4, 3])"]


def test_an_expansion_that_the_users_do_themselves_disappears() -> None:
    text = (
        "g (double[1,3] r, double[4,3] x) => (double[4,3] y) <int64[2] s = {4, 3}> "
        "{ a = Expand(r, s) b = Mul(a, x) y = Sub(b, a) }"
    )
    assert rewritten(run, text) == ["b = Mul(r, x)", "y = Sub(b, r)"]


@pytest.mark.parametrize(
    "text",
    [
        XY + "{ y = Identity(x) }",
        XY + "{ a = Slice(x, last, first, one, minus) b = Sin(a) y = Add(b, x) }",
        "g (double[1,3] r) => (double[4,3] y) <int64[2] s = {4, 3}> { a = Expand(r, s) y = Sin(a) }",
        "g (double[1,3] r) => (double[4,3] y) <int64[2] s = {4, 3}> { a = Expand(r, s) y = Mul(a, a) }",
        TWO + "{ c = Concat<axis=1>(a, b) y = Slice(c, early, e, axis) }",
        XY + "{ a = Slice(x, zero, two, one) b = Slice(x, one, two, one) y = Concat<axis=1>(a, b) }",
        "g (double[2,3] x) => (double[3,2] y) <int64[2] s = {3, 2}> { y = Reshape(x, s) }",
    ],
    ids=["output is input", "backwards", "nothing expands it", "only itself", "across parts", "overlap", "reshape"],
)
def test_nodes_that_do_something_stay(text: str) -> None:
    assert rewritten(run, text) == lines(graph(text))
