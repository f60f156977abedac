"""Lowerings of functions of one operand."""

from collections.abc import Callable

import onnx_ir as ir
import pytest

from inrarch.graph.lowering import circular, exponential_units, signs, truths
from tests.graph.passes.graphs import graph, lines, rewritten

HEAD = "g (double[N,2] x) => (double[N,2] y) "


@pytest.mark.parametrize(
    ("run", "text", "expected"),
    [
        (circular.run, "{ y = Tan(x) }", {"Sin", "Cos", "Div"}),
        (circular.run, "{ a = Sin(x) y = Acos(a) }", {"Sin", "Asin", "Sub"}),
        (exponential_units.run, "{ y = Elu(x) }", {"Greater", "Where", "Exp", "Sub"}),
        (exponential_units.run, "{ y = Elu<alpha = 0.5>(x) }", {"Greater", "Where", "Exp", "Sub", "Mul"}),
        (exponential_units.run, "{ y = Selu(x) }", {"Greater", "Where", "Exp", "Sub", "Mul"}),
        (signs.run, "{ y = Sign(x) }", {"Greater", "Where"}),
        (signs.run, "{ y = Ceil(x) }", {"Neg", "Floor"}),
        (truths.run, "<double c = {1}> { a = Greater(x, c) y = Cast<to = 11>(a) }", {"Greater", "Where"}),
        (truths.run, "{ f = Floor(x) a = Cast<to = 9>(f) y = Where(a, x, f) }", {"Floor", "Equal", "Not", "Where"}),
    ],
)
def test_a_function_is_written_with_what_hardware_has(
    run: Callable[[ir.Model], int], text: str, expected: set[str]
) -> None:
    found = rewritten(run, HEAD + text)
    assert {line.split(" = ")[1].partition("(")[0] for line in found} == expected


@pytest.mark.parametrize(
    ("run", "text"),
    [
        (signs.run, "g (int64[N,2] x) => (int64[N,2] y) { y = Sign(x) }"),
        (truths.run, "g (float[N,2] x) => (double[N,2] y) { y = Cast<to = 11>(x) }"),
    ],
)
def test_other_types_stay(run: Callable[[ir.Model], int], text: str) -> None:
    assert rewritten(run, text) == lines(graph(text))
