"""Operators that the user defines: combinations of partial derivatives with constant coefficients."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from fractions import Fraction

from inrarch.derivatives.operators import is_named
from inrarch.derivatives.symbols import Symbol, symbol
from inrarch.derivatives.targets import parse_partial
from inrarch.errors import UserError

Terms = Mapping[str, float]
"""Coefficients by partial derivative: `{"d00": 1, "d11": 1, "": 4}` is ∂²/∂x₀² + ∂²/∂x₁² + 4."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_SUMMAND = re.compile(rf"\s*([+-])?\s*(?:({_NUMBER})\s*(?:\*\s*(?=d))?)?(d[0-9_]+)?\s*", re.ASCII)


def read_terms(terms: Mapping[str, Terms], coordinates: int) -> dict[str, Symbol]:
    """The operators by name. Raises UserError for names that mean something else and terms that are no derivatives."""
    return {name: _operator(name, each, coordinates) for name, each in terms.items()}


def written_terms(text: str) -> tuple[str, dict[str, float]]:
    """`heat = d0 - 0.5*d11` as a name and its terms; a number by itself multiplies the value."""
    name, equals, rest = text.partition("=")
    found: dict[str, float] = {}
    position = 0
    while equals and position < len(rest):
        match = _SUMMAND.match(rest, position)
        if not match or not (match[2] or match[3]) or (position and not match[1]):
            break
        partial = match[3] or ""
        found[partial] = found.get(partial, 0.0) + float(f"{match[1] or ''}{match[2] or 1}")
        position = match.end()
    if not equals or position < len(rest) or not found:
        raise UserError(f"terms {text!r} cannot be read", expected="a name and a sum, like 'heat = d0 - 0.5*d11 + 4'")
    return name.strip(), found


def _operator(name: str, terms: Terms, coordinates: int) -> Symbol:
    if not _NAME.fullmatch(name) or is_named(name) or parse_partial(name, coordinates) is not None:
        raise UserError(
            f"terms cannot have the name {name!r}",
            expected="letters, digits and _, beginning with a letter; no named operator and no partial derivative",
        )
    weights = {_index(name, partial, coordinates): _weight(name, partial, terms[partial]) for partial in terms}
    operator = symbol(weights)
    if not operator.terms:
        raise UserError(f"terms {name!r} add up to nothing", expected="a coefficient other than 0, like {'d0': 1}")
    return operator


def _index(name: str, text: str, coordinates: int) -> tuple[int, ...]:
    index = () if text == "" else parse_partial(text, coordinates)
    if index is None or list(index) != sorted(index) or max(index, default=0) >= coordinates:
        raise UserError(
            f"terms {name!r}: {text!r} is not a partial derivative",
            expected="like 'd0' or "
            + ("'d0_1'" if coordinates > 10 else "'d01'" if coordinates > 1 else "'d00'")
            + f" (coordinates 0 to {coordinates - 1}, rising), or '' for the value",
        )
    return index


def _weight(name: str, partial: str, weight: object) -> Fraction:
    if isinstance(weight, bool) or not isinstance(weight, int | float | Fraction) or not math.isfinite(weight):
        raise UserError(f"terms {name!r}: the coefficient of {partial!r} is {weight!r}", expected="a finite number")
    return exact(weight)


def exact(number: float | Fraction) -> Fraction:
    """The number as it is written: 0.1 is 1/10."""
    return number if isinstance(number, Fraction) else Fraction(str(number))
