import pytest

from inrarch.graph.lowering.powers import run
from tests.graph.passes.graphs import graph, lines, rewritten

HEAD = "g (double[N,2] x) => (double[N,2] y) "


def operators(text: str) -> list[str]:
    return [line.split(" = ")[1].partition("(")[0] for line in rewritten(run, text)]


@pytest.mark.parametrize(
    ("exponent", "expected"),
    [
        ("0", ["Mul", "Add"]),
        ("1", ["Identity"]),
        ("2", ["Mul"]),
        ("7", ["Mul"] * 4),
        ("64", ["Mul"] * 6),
        ("65", ["Mul"] * 7),
        ("-1", ["Reciprocal"]),
        ("-3", ["Mul", "Mul", "Reciprocal"]),
    ],
)
def test_whole_powers_are_products_by_squaring(exponent: str, expected: list[str]) -> None:
    assert operators(f"{HEAD} <double n = {{{exponent}}}> {{ y = Pow(x, n) }}") == expected
    assert operators(f"{HEAD} <int64 n = {{{exponent}}}> {{ y = Pow(x, n) }}") == expected


def test_whole_powers_that_differ_between_features_choose_their_factors() -> None:
    found = operators(HEAD + "<double[2] n = {2, 5}> { y = Pow(x, n) }")
    assert set(found) == {"Where", "Mul"}
    assert set(operators(HEAD + "<double[2] n = {-2, 3}> { y = Pow(x, n) }")) == {"Where", "Mul", "Reciprocal"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<double n = {0.5}> { a = Mul(x, x) y = Pow(a, n) }", ["Mul", "Sqrt"]),
        ("<double c = {3}> { y = Pow(c, x) }", ["Mul", "Exp"]),
        ("{ a = Mul(x, x) y = Pow(a, x) }", ["Mul", "Log", "Mul", "Exp"]),
        ("<double[2] n = {0.5, 1.5}> { a = Mul(x, x) y = Pow(a, n) }", ["Mul", "Log", "Mul", "Exp"]),
    ],
)
def test_other_powers_are_functions_that_have_tables(text: str, expected: list[str]) -> None:
    assert operators(HEAD + text) == expected


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "<double n = {2.5}> { a = Mul(x, x) y = Pow(a, n) }",
        "g (int64[N,2] x) => (int64[N,2] y) <int64 n = {2}> { y = Pow(x, n) }",
    ],
    ids=["a table of its own", "integers"],
)
def test_what_stays(text: str) -> None:
    assert rewritten(run, text) == lines(graph(text))
