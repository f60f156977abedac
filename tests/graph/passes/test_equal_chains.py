import pytest

from inrarch.graph.passes.equal_chains import run
from tests.graph.passes.graphs import graph, lines, rewritten

HEAD = "g (double[N,2] x, double[N,2] z, double[N,2] w) => (double[N,2] y) "


@pytest.mark.parametrize(
    ("body", "last"),
    [
        ("{ a = Mul(x, z) b = Mul(a, w) c = Mul(z, w) d = Mul(x, c) y = Div(b, d) }", "y = Div(b, b)"),
        ("{ a = Mul(x, x) b = Mul(a, z) c = Mul(x, z) d = Mul(c, x) y = Sub(b, d) }", "y = Sub(b, b)"),
        ("{ a = Add(x, z) b = Sub(a, w) c = Sub(w, z) d = Sub(x, c) y = Mul(b, d) }", "y = Mul(b, b)"),
        ("{ a = Sub(x, z) b = Sub(z, x) c = Neg(b) y = Mul(a, c) }", "y = Mul(a, a)"),
    ],
)
def test_chains_with_equal_terms_become_one(body: str, last: str) -> None:
    found = rewritten(run, HEAD + body)
    assert found[-1] == last
    assert len(found) == len(lines(graph(HEAD + body))) - (1 if "Neg" in body else 2) - ("Neg" in body)


@pytest.mark.parametrize(
    "body",
    [
        "{ a = Mul(x, x) b = Mul(a, z) c = Mul(z, z) d = Mul(c, x) y = Sub(b, d) }",
        "{ a = Add(x, z) b = Sub(x, z) y = Mul(a, b) }",
        "{ a = Sub(x, z) b = Add(a, z) c = Mul(x, z) y = Mul(b, c) }",
        "{ a = Mul(x, z) b = Add(x, z) y = Div(a, b) }",
    ],
    ids=["other powers", "another sign", "terms that cancel", "a sum and a product"],
)
def test_chains_with_other_terms_stay(body: str) -> None:
    assert rewritten(run, HEAD + body) == lines(graph(HEAD + body))


def test_terms_of_different_shape_do_not_meet() -> None:
    text = (
        "g (double[1,2] r, double[N,2] x) => (double[1,2] p, double[N,2] y) "
        "{ p = Mul(r, r) a = Mul(r, x) y = Mul(a, r) }"
    )
    assert rewritten(run, text) == lines(graph(text))


def test_long_chains_are_left_alone() -> None:
    names = [f"v{i}" for i in range(14)]
    inputs = ", ".join(f"double[2] {name}" for name in names)
    forward = " ".join(f"f{i} = Mul({names[0] if i == 1 else f'f{i - 1}'}, {names[i]})" for i in range(1, 14))
    back = " ".join(f"b{i} = Mul({names[13] if i == 12 else f'b{i + 1}'}, {names[i]})" for i in range(12, -1, -1))
    text = f"g ({inputs}) => (double[2] y) {{ {forward} {back} y = Sub(f13, b0) }}"
    assert rewritten(run, text)[-1] == "y = Sub(f13, b0)"


def test_a_value_that_vanished_with_its_only_use_is_not_used_again() -> None:
    text = "g (double[N,2] x) => (double[N,2] y, double[N,2] z) { a = Neg(x) b = Neg(a) y = Neg(b) z = Neg(a) }"
    assert rewritten(run, text) == ["y = Neg(x)", "z = Neg(y)"]
