"""Names say what was differentiated, and grow by one part for each further derivative."""

from __future__ import annotations

import pytest

from inrarch.derivatives.derivative_names import along, by_parameters, per_row, product, vector


@pytest.mark.parametrize(
    ("value", "parameters", "name"),
    [
        ("y", ["W"], "y_d:W"),
        ("y", ["net.0.weight", "b"], "y_d:net.0.weight:b"),
        ("y_d01", ["W"], "y_d01:W"),
        ("y_d0_10", ["W"], "y_d0_10:W"),
        ("y_dvv", ["W"], "y_dvv:W"),
        ("y_d:W", ["b"], "y_d:W:b"),
        ("y_laplacian", ["W"], "y_laplacian_d:W"),
        ("vjp:x", ["W"], "vjp:x_d:W"),
    ],
)
def test_parameters_come_after_a_colon(value: str, parameters: list[str], name: str) -> None:
    assert by_parameters(value, parameters, {"y_d01", "y_d0_10", "y_dvv", "y_d:W", "y_laplacian", "vjp:x"}) == name


def test_an_output_that_only_looks_like_a_derivative_is_a_value() -> None:
    assert by_parameters("y_d0", ["W"], set()) == "y_d0_d:W"
    assert along("y_d0", 1, set()) == "y_d0_dv"


def test_directions_come_before_parameters() -> None:
    derivatives = {"y_d:W", "y_d0", "y_dv:W:b"}
    assert along("y", 2, derivatives) == "y_dvv"
    assert along("y_d0", 1, derivatives) == "y_d0v"
    assert along("y_d:W", 1, derivatives) == "y_dv:W"
    assert along("y_dv:W:b", 2, derivatives) == "y_dvvv:W:b"


def test_products_and_jacobians() -> None:
    assert (per_row("y", "W"), vector("W"), product("x")) == ("y_J:W", "v:W", "vjp:x")
