import pytest

from inrarch.graph.passes.shrink_constants import run
from tests.graph.passes.graphs import graph, lines, rewritten

XY = "g (double[N,3] x) => (double[N,3] y) "


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<double[1,3] c = {2, 2, 2}> { y = Mul(x, c) }", "y = Mul(x, 2)"),
        ("<double[1] c = {2}> { y = Mul(x, c) }", "y = Mul(x, 2)"),
        ("<double[1,3] c = {1, 2, 3}> { y = Sub(c, x) }", "y = Sub([1, 2, 3], x)"),
    ],
)
def test_constants_take_their_smallest_shape(body: str, expected: str) -> None:
    assert rewritten(run, XY + body) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "g (double[1,3] x) => (double[2,3] y) <double[2,1] c = {2, 2}> { y = Mul(x, c) }",
        "g (double[3] x) => (double[1,3] y) <double[1,3] c = {1, 2, 3}> { y = Mul(x, c) }",
        "g (double[2,3] x) => (double[2,3] y) <double[2,1] c = {1, 2}> { y = Mul(x, c) }",
        XY + "<double[3] c = {1, 2, 3}> { y = Mul(x, c) }",
    ],
    ids=["enlarges", "adds an axis", "inner axis of size 1", "small already"],
)
def test_shapes_that_matter_stay(text: str) -> None:
    assert rewritten(run, text) == lines(graph(text))
