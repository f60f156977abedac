from __future__ import annotations

import pytest

from inrarch.derivatives.api import derive_graph
from inrarch.graph.load import load_model
from inrarch.report.notation import Partial, by_parameters, count, figure, percent
from tests.models import perceptron


@pytest.mark.parametrize(
    ("indices", "symbol"),
    [
        ((), "y"),
        ((0,), "∂y/∂x₀"),
        ((0, 1), "∂²y/∂x₀∂x₁"),
        ((0, 0, 1), "∂³y/∂x₀²∂x₁"),
        ((10, 10, 11), "∂³y/∂x₁₀²∂x₁₁"),
    ],
)
def test_partials_are_written_as_in_mathematics(indices: tuple[int, ...], symbol: str) -> None:
    assert Partial("y", indices).symbol == symbol


@pytest.mark.parametrize(
    ("operator", "symbol"),
    [
        ("laplacian", "Δy"),
        ("biharmonic", "Δ²y"),
        ("divergence", "∇·y"),
        ("heat", "heat(y)"),
        ("directional", "directional(y)"),
    ],
)
def test_operators_are_written_as_in_mathematics_and_the_users_by_their_names(operator: str, symbol: str) -> None:
    partial = Partial("y", (), operator, 4)
    assert partial.symbol == symbol
    assert partial.order == 4


def test_derivatives_by_parameters_are_those_of_sums_over_rows() -> None:
    model = load_model(perceptron((2, 4, 1), "Tanh"))
    found = by_parameters(derive_graph(model, parameters=("w0",), outputs=["y_laplacian"]))
    assert {name: (partial.symbol, partial.order) for name, partial in found.items()} == {
        "y_laplacian": ("y_laplacian", 1),
        "y_laplacian_d:w0": ("∂Σy_laplacian/∂w0", 1),
    }
    found = by_parameters(derive_graph(model, parameters=("w0",), by="vjp"))
    assert {name: (partial.symbol, partial.order) for name, partial in found.items()} == {
        "y": ("y", 0),
        "vjp:w0": ("vᵀ ∂/∂w0", 1),
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0"),
        (0.00217, "0.00217"),
        (4.62e-5, "4.62e-5"),
        (-12.345, "-12.3"),
        (300.0, "300"),
        (12345.6, "12346"),
        (1.26e6, "1.26e6"),
        (0.0010004, "0.001"),
    ],
)
def test_figures_have_three_digits(value: float | None, text: str) -> None:
    assert figure(value) == text


def test_counts_have_thin_spaces_between_thousands() -> None:
    assert count(1234567) == "1\u202f234\u202f567"
    assert count(0) == "0"
    assert count(None) == "–"


@pytest.mark.parametrize(
    ("share", "text"), [(None, "–"), (0.0123, "1.2 %"), (0.34, "34 %"), (0.0996, "10 %"), (1.5, "150 %")]
)
def test_shares_are_percentages(share: float | None, text: str) -> None:
    assert percent(share) == text
