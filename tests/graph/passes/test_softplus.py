"""The case distinction of a Softplus with a slope disappears where that is rounding, and only there."""

import numpy as np
import pytest

from inrarch.graph.cast import with_floats
from inrarch.graph.evaluate import evaluate
from inrarch.graph.passes.softplus import run
from tests.graph.passes.graphs import graph, lines, operators

HEAD = "g ({0}[N,2] x) => ({0}[N,2] y) <{0} beta = {{{1}}}, {0} inverse = {{{2}}}, {0} t = {{{3}}}> "
EXPORTED = "{ s = Mul(x, beta) c = Greater(s, t) p = Softplus(s) q = Div(p, beta) y = Where(c, x, q) }"
MULTIPLIED = "{ s = Mul(x, beta) c = Greater(s, t) p = Softplus(s) q = Mul(p, inverse) y = Where(c, x, q) }"
EXCHANGED = "{ s = Mul(x, beta) c = Greater(t, s) p = Softplus(s) q = Div(p, beta) y = Where(c, q, x) }"
UNSCALED = "{ c = Greater(x, t) p = Softplus(x) y = Where(c, x, p) }"


def text(body: str, beta: float = 100.0, threshold: float = 20.0, dtype: str = "float") -> str:
    return HEAD.format(dtype, beta, 1 / beta, threshold) + body


@pytest.mark.parametrize("beta", [100.0, 3.0, 0.3])
@pytest.mark.parametrize("body", [EXPORTED, MULTIPLIED, EXCHANGED])
def test_the_smooth_branch_serves_everywhere(body: str, beta: float) -> None:
    model = graph(text(body, beta))
    assert run(model) == 1
    assert "Where" not in operators(model)
    assert operators(model)[:2] == ["Mul", "Softplus"]


def test_a_slope_of_one_needs_no_factors() -> None:
    model = graph(text(UNSCALED))
    assert run(model) == 1
    assert operators(model) == ["Softplus"]


@pytest.mark.parametrize(
    ("dtype", "threshold", "changes"),
    [("float", 17, 1), ("float", 16, 0), ("double", 37, 1), ("double", 36, 0), ("double", 20, 0)],
)
def test_the_threshold_must_be_so_high_that_the_branches_differ_by_rounding(
    dtype: str, threshold: float, changes: int
) -> None:
    assert run(graph(text(EXPORTED, 100.0, threshold, dtype))) == changes


@pytest.mark.parametrize(("dtype", "threshold"), [("float", 17.0), ("double", 37.0)])
def test_the_value_changes_by_no_more_than_rounding_in_the_models_type(dtype: str, threshold: float) -> None:
    """Evaluated in float64 around the threshold; the unit is that of the model's type."""
    before = with_floats(graph(text(EXPORTED, 100.0, threshold, dtype)), _double())
    after = with_floats(_smooth(text(EXPORTED, 100.0, threshold, dtype)), _double())
    x = (threshold / 100 * np.linspace(0.9, 1.5, 2000)).reshape(-1, 2)
    expected, found = evaluate(before, {"x": x})["y"], evaluate(after, {"x": x})["y"]
    unit = np.finfo(np.float32 if dtype == "float" else np.float64).eps
    rounding_of_the_judge = 4 * np.finfo(np.float64).eps
    assert np.all(np.abs(found - expected) <= (unit / 2 + rounding_of_the_judge) * np.abs(expected))
    if dtype == "float":
        assert np.any(found != expected)


@pytest.mark.parametrize(("dtype", "threshold"), [("float", 17.0), ("double", 37.0)])
def test_no_derivative_changes_by_more_than_rounding(dtype: str, threshold: float) -> None:
    """d^k softplus above the threshold, from s = sigmoid: s' = s - s^2; against the branch that it replaces."""
    unit = np.finfo(np.float32 if dtype == "float" else np.float64).eps
    u = np.linspace(threshold, threshold + 10, 50)
    tail = 1 / (1 + np.exp(u))  # 1 - sigmoid, without cancellation
    s = 1 - tail
    derivatives = [tail, s * tail, s * tail * (1 - 2 * s), s * tail * (1 - 6 * s * tail)]
    largest = [1.0, 1 / 4, 1 / (6 * np.sqrt(3)), 1 / 8]
    for difference, scale in zip(derivatives, largest, strict=True):
        assert np.abs(difference).max() <= 12 * (unit / 2) * scale


@pytest.mark.parametrize(
    "body",
    [
        "{ s = Mul(x, beta) c = Greater(s, t) p = Softplus(x) q = Div(p, beta) y = Where(c, x, q) }",
        "{ s = Mul(x, beta) c = Greater(s, t) p = Softplus(s) y = Where(c, x, p) }",
        "{ s = Mul(x, beta) c = Greater(t, s) p = Softplus(s) q = Div(p, beta) y = Where(c, x, q) }",
        "{ s = Mul(x, beta) c = Greater(x, t) p = Softplus(s) q = Div(p, beta) z = Sin(x) y = Where(c, z, q) }",
        "{ s = Mul(x, beta) n = Neg(s) c = Greater(n, t) p = Softplus(s) q = Div(p, beta) y = Where(c, x, q) }",
        "{ s = Mul(x, beta) c = Greater(s, t) p = Sigmoid(s) q = Div(p, beta) y = Where(c, x, q) }",
    ],
    ids=["other argument", "other slope", "branches exchanged", "other line", "negative", "other function"],
)
def test_other_case_distinctions_stay(body: str) -> None:
    model = graph(text(body))
    assert run(model) == 0
    assert lines(model) == lines(graph(text(body)))


def _smooth(source: str):  # type: ignore[no-untyped-def]
    model = graph(source)
    assert run(model) == 1
    return model


def _double():  # type: ignore[no-untyped-def]
    import onnx_ir as ir

    return ir.DataType.DOUBLE
