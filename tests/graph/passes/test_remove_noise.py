import pytest

from inrarch.graph.passes.remove_noise import run
from tests.graph.passes.graphs import graph, lines, rewritten


@pytest.mark.parametrize(
    "text",
    [
        "g (double[N,3] x) => (double[N,3] y) { a = Identity(x) y = Sin(a) }",
        "g (double[N,3] x) => (double[N,3] y) { s = Shape(x) a = Expand(x, s) y = Sin(a) }",
    ],
)
def test_nodes_that_pass_a_tensor_on_disappear(text: str) -> None:
    assert "y = Sin(x)" in rewritten(run, text)


@pytest.mark.parametrize(
    "text",
    [
        "g (double[N,3] x) => (double[N,3] y) { y = Identity(x) }",
        "g (double[1,3] r) => (double[4,3] y) <int64[2] s = {4, 3}> { a = Expand(r, s) y = Sin(a) }",
    ],
    ids=["output is input", "larger"],
)
def test_nodes_that_do_something_stay(text: str) -> None:
    assert rewritten(run, text) == lines(graph(text))
