import pytest

from inrarch.graph.passes.selections import run
from tests.graph.passes.graphs import graph, lines, rewritten

HEAD = (
    "g (double[N,2] x, double[N,2] z) => (double[N,2] y) "
    "<double zero = {0}, bool yes = {1}, bool[2] no = {0, 0}, bool[2] mixed = {0, 1}, bool[1,1,1] deep = {1}> "
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{ a = Where(yes, x, z) y = Sin(a) }", ["y = Sin(x)"]),
        ("{ a = Where(no, x, z) y = Sin(a) }", ["y = Sin(z)"]),
        ("{ c = Greater(x, zero) a = Where(c, z, z) y = Sin(a) }", ["y = Sin(z)"]),
        ("{ c = Greater(x, zero) a = Where(c, x, z) b = Where(c, z, x) y = Where(c, a, b) }", ["y = Identity(x)"]),
    ],
)
def test_selections_that_are_decided_disappear(body: str, expected: list[str]) -> None:
    assert rewritten(run, HEAD + body) == expected


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "{ y = Where(mixed, x, z) }",
        "g (double[N,2] x, double[1,2] r) => (double[N,2] y) <bool no = {0}> { y = Where(no, x, r) }",
        HEAD + "{ c = Greater(x, zero) d = Greater(z, zero) a = Where(d, x, z) y = Where(c, a, z) }",
    ],
    ids=["some of each", "the branch is smaller", "another condition"],
)
def test_selections_that_are_open_stay(text: str) -> None:
    assert rewritten(run, text) == lines(graph(text))


def test_a_negated_condition_exchanges_the_branches() -> None:
    body = "{ c = Greater(x, zero) n = Not(c) y = Where(n, x, z) }"
    assert rewritten(run, HEAD + body) == ["c = Greater(x, 0)", "y = Where(c, z, x)"]
