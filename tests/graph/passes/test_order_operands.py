import pytest

from inrarch.graph.passes.order_operands import run
from tests.graph.passes.graphs import rewritten

TWO = "g (double[N,3] a, double[N,3] b) => (double[N,3] y) <double c = {2}, double d = {3}> "


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{ y = Mul(c, a) }", ["y = Mul(a, 2)"]),
        ("{ y = Add(b, a) }", ["y = Add(a, b)"]),
        ("{ p = Sin(a) y = Mul(p, b) }", ["p = Sin(a)", "y = Mul(b, p)"]),
        ("{ p = Sin(a) q = Cos(a) y = Mul(q, p) }", ["p = Sin(a)", "q = Cos(a)", "y = Mul(p, q)"]),
        ("{ y = Sub(b, a) }", ["y = Sub(b, a)"]),
        ("{ y = Mul(b, c) }", ["y = Mul(b, 2)"]),
        ("{ p = Add(c, d) y = Mul(p, a) }", ["p = Add(2, 3)", "y = Mul(a, p)"]),
    ],
)
def test_operands_have_one_order(body: str, expected: list[str]) -> None:
    assert rewritten(run, TWO + body) == expected
