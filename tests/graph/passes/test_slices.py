import pytest

from inrarch.graph.passes.slices import run
from tests.graph.passes.graphs import graph, lines, rewritten

BOUNDS = (
    "<int64[1] zero = {0}, int64[1] one = {1}, int64[1] two = {2}, int64[1] three = {3}, int64[1] five = {5}, "
    "int64[1] last = {9223372036854775807}, int64[1] minus = {-1}, int64[1] first = {-9223372036854775807}> "
)
X3 = "g (double[N,3] x) => (double[N,K] y) " + BOUNDS
X5 = "g (double[N,5] x) => (double[N,K] y) " + BOUNDS
TWO = "g (double[N,2] a, double[N,3] b) => (double[N,K] y) " + BOUNDS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (X3 + "{ a = Slice(x, zero, last, one) y = Sin(a) }", ["y = Sin(x)"]),
        (X3 + "{ a = Concat<axis=1>(x) y = Sin(a) }", ["y = Sin(x)"]),
        (X3 + "{ a = Slice(x, zero, one, one) b = Slice(x, one, last, minus) c = Concat<axis=-1>(a, b) y = Sin(c) }",
         ["y = Sin(x)"]),
        (X5 + "{ a = Slice(x, one, last, one) y = Slice(a, one, three, one) }", ["y = Slice(x, [2], [4], [1])"]),
        (X5 + "{ a = Slice(x, zero, one, one) b = Slice(x, one, three, one) c = Sin(x) y = Concat<axis=1>(c, a, b) }",
         ["c = Sin(x)", "Slice = Slice(x, [0], [3], [1])", "y = Concat(c, Slice)"]),
        (TWO + "{ c = Concat<axis=1>(a, b) y = Slice(c, three, five, one) }", ["y = Slice(b, [1], [3], [1])"]),
        (TWO + "{ c = Concat<axis=1>(a, b) d = Slice(c, two, five, one) y = Sin(d) }", ["y = Sin(b)"]),
        (TWO + "{ c = Concat<axis=1>(a, b, a) y = Slice(c, zero, five, one) }", ["y = Concat(a, b)"]),
        (TWO + "{ c = Concat<axis=1>(a, b) y = Concat<axis=1>(b, c) }", ["y = Concat(b, a, b)"]),
    ],
)  # fmt: skip
def test_cuts_and_joins_cancel(text: str, expected: list[str]) -> None:
    found = rewritten(run, text)
    assert [line.replace("y/Slice", "Slice") for line in found] == expected


@pytest.mark.parametrize(
    "text",
    [
        X3 + "{ a = Slice(x, last, first, one, minus) b = Sin(a) y = Add(b, x) }",
        TWO + "{ c = Concat<axis=1>(a, b) y = Slice(c, one, five, one) }",
        X3 + "{ a = Slice(x, zero, two, one) b = Slice(x, one, two, one) y = Concat<axis=1>(a, b) }",
        TWO + "{ c = Concat<axis=1>(a, b) d = Sin(c) y = Concat<axis=1>(d, c) }",
    ],
    ids=["backwards", "a part is cut", "overlap", "the inner one is needed"],
)
def test_cuts_and_joins_that_do_something_stay(text: str) -> None:
    assert rewritten(run, text) == lines(graph(text))
