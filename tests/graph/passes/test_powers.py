import pytest

from inrarch.graph.passes.powers import run
from tests.graph.passes.graphs import graph, lines, rewritten

HEAD = "g (double[N,2] x) => (double[N,2] y) "


@pytest.mark.parametrize(
    ("exponent", "expected"),
    [
        ("double n = {1}", ["y = Sin(x)"]),
        ("double n = {2}", ["a = Mul(x, x)", "y = Sin(a)"]),
        ("int64 n = {2}", ["a = Mul(x, x)", "y = Sin(a)"]),
        ("double[1] n = {3}", ["a/Mul = Mul(x, x)", "a = Mul(a/Mul, x)", "y = Sin(a)"]),
        ("double n = {4}", ["a/Mul = Mul(x, x)", "a = Mul(a/Mul, a/Mul)", "y = Sin(a)"]),
        ("double n = {-1}", ["a = Div(1, x)", "y = Sin(a)"]),
    ],
)
def test_small_powers_are_products(exponent: str, expected: list[str]) -> None:
    found = rewritten(run, f"{HEAD} <{exponent}> {{ a = Pow(x, n) y = Sin(a) }}")
    names = {line.partition(" = ")[0] for line in found} - {"a", "y"}
    assert [line.replace(name, "a/Mul") for line in found for name in names or {"-"}] == expected


def test_a_square_root_is_a_square_root() -> None:
    text = HEAD + "<double n = {0.5}> { a = Mul(x, x) y = Pow(a, n) }"
    assert rewritten(run, text) == ["a = Mul(x, x)", "y = Sqrt(a)"]


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "<double n = {2.5}> { a = Mul(x, x) y = Pow(a, n) }",
        HEAD + "<double[2] n = {2, 3}> { y = Pow(x, n) }",
        "g (double[1,2] x) => (double[3,2] y) <double[3,1] n = {2, 2, 2}> { y = Pow(x, n) }",
        "g (int64[N,2] x) => (int64[N,2] y) <int64 n = {2}> { y = Pow(x, n) }",
    ],
    ids=["another exponent", "several exponents", "the exponent enlarges", "integers"],
)
def test_other_powers_stay(text: str) -> None:
    model = graph(text)
    assert run(model) == 0
    assert lines(model) == lines(graph(text))
