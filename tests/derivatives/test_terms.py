"""Operators of the user's: what is read, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from inrarch.derivatives.terms import read_terms, written_terms
from inrarch.errors import UserError


def message(terms: dict[str, Any], coordinates: int = 2) -> str:
    with pytest.raises(UserError) as caught:
        read_terms(terms, coordinates)
    return str(caught.value)


def test_decimal_numbers_are_taken_as_they_are_written() -> None:
    read = read_terms({"heat": {"d0": 0.1, "d11": -2, "": 1e-3}}, 2)
    ((name, operator),) = read.items()
    assert name == "heat"
    assert [(index, str(weight)) for index, weight in operator.terms] == [
        ((), "1/1000"),
        ((0,), "1/10"),
        ((1, 1), "-2"),
    ]


@pytest.mark.parametrize(
    ("text", "name", "terms"),
    [
        ("heat=d0-d11", "heat", {"d0": 1.0, "d11": -1.0}),
        ("heat = -0.5 * d11 + d0 + 4", "heat", {"d11": -0.5, "d0": 1.0, "": 4.0}),
        ("p = 1e-3*d01 - 2.5 + d01", "p", {"d01": 1.001, "": -2.5}),
        ("far = d0_10 + 2*d3_11", "far", {"d0_10": 1.0, "d3_11": 2.0}),
    ],
)
def test_a_sum_as_it_is_written_on_the_command_line(text: str, name: str, terms: dict[str, float]) -> None:
    assert written_terms(text) == (name, terms)


@pytest.mark.parametrize(
    "text", ["heat", "heat=", "heat=d0 d1", "heat=d0+", "heat=d0+x", "heat=d0**2", "heat=2*", "heat=1.2.3*d0"]
)
def test_sums_that_are_none(text: str) -> None:
    with pytest.raises(UserError) as caught:
        written_terms(text)
    assert str(caught.value) == (
        f"terms {text!r} cannot be read; expected a name and a sum, like 'heat = d0 - 0.5*d11 + 4'"
    )


@pytest.mark.parametrize("name", ["laplacian", "directional3", "d01", "", "1a", "a b"])
def test_names_that_mean_something_else(name: str) -> None:
    assert message({name: {"d0": 1}}) == (
        f"terms cannot have the name {name!r}; expected letters, digits and _, beginning with a letter; "
        "no named operator and no partial derivative"
    )


def test_terms_that_are_no_partial_derivatives() -> None:
    expected = "expected like 'd0' or 'd01' (coordinates 0 to 1, rising), or '' for the value"
    for text in ("d2", "d10", "dx", "y_d0"):
        assert message({"p": {text: 1}}) == f"terms 'p': {text!r} is not a partial derivative; {expected}"
    assert "like 'd0' or 'd0_1' (coordinates 0 to 11, rising)" in message({"p": {"d12": 1}}, 12)
    assert "like 'd0' or 'd00' (coordinates 0 to 0, rising)" in message({"p": {"d1": 1}}, 1)


@pytest.mark.parametrize("weight", [float("inf"), float("nan"), True, "1", None])
def test_coefficients_that_are_no_numbers(weight: Any) -> None:
    assert (
        message({"p": {"d0": weight}}) == f"terms 'p': the coefficient of 'd0' is {weight!r}; expected a finite number"
    )


def test_an_operator_that_is_zero() -> None:
    text = "terms 'p' add up to nothing; expected a coefficient other than 0, like {'d0': 1}"
    assert message({"p": {"d0": 0.0}}) == text
    assert message({"p": {}}) == text
