import pytest

from inrarch.graph.lowering.comparisons import run
from tests.graph.passes.graphs import graph, lines, rewritten

HEAD = "g (double[N,2] x, double[N,2] z) => (double[N,2] y) "
CHOICE = " y = Where(c, x, z) }"


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("Less", ["c = Greater(z, x)"]),
        ("GreaterOrEqual", ["c/Greater = Greater(z, x)", "c = Not(c/Greater)"]),
        ("LessOrEqual", ["c/Greater = Greater(x, z)", "c = Not(c/Greater)"]),
    ],
)
def test_comparisons_are_written_with_greater(operator: str, expected: list[str]) -> None:
    found = rewritten(run, f"{HEAD} {{ c = {operator}(x, z) {CHOICE}")
    assert found == [*expected, "y = Where(c, x, z)"]


def test_equal_truth_values_are_not_different() -> None:
    found = rewritten(run, HEAD + "{ a = Greater(x, z) b = Greater(z, x) c = Equal(a, b)" + CHOICE)
    assert found[2:4] == ["c/Xor = Xor(a, b)", "c = Not(c/Xor)"]


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "{ c = Greater(x, z)" + CHOICE,
        HEAD + "{ c = Equal(x, z)" + CHOICE,
        "g (int64[N,2] x, int64[N,2] z) => (int64[N,2] y) { c = Less(x, z)" + CHOICE,
    ],
    ids=["greater", "equal numbers", "integers"],
)
def test_what_hardware_has_and_integers_stay(text: str) -> None:
    assert rewritten(run, text) == lines(graph(text))
