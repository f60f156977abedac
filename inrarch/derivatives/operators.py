"""The operators that have a name: what they make of a field, and the shape of the result.

A field is an output of the model, of shape [rows …, columns]. The coordinates are those of the request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from inrarch.derivatives.nonlinear import Formula, gaussian_curvature, mean_curvature, normal, pairs
from inrarch.derivatives.symbols import Symbol, combination, composed, directional, laplacian, partial

Component = tuple[tuple[int | None, Symbol], ...]
"""Σ operator applied to a column of the field; None stands for all columns, each by itself."""


@dataclass(frozen=True, slots=True)
class Field:
    """What an operator is applied to.

    columns: size of the last axis; 1 for a field without axes, None when it is not known. rank: number of axes, None
    when not known. coordinates: those to differentiate by. direction: the vector of `directional`, by coordinate.
    """

    columns: int | None
    rank: int | None
    coordinates: tuple[int, ...]
    direction: Mapping[int, Fraction]


@dataclass(frozen=True, slots=True)
class Applied:
    """The components of a result, joined along the last axis; or, with `axes`, along new last axes of these sizes.

    formula: the results to join are this function of the components, where there is one.
    """

    components: tuple[Component, ...]
    axes: tuple[int, ...] = ()
    formula: Formula | None = None


class DoesNotApplyError(ValueError):
    """The operator has no meaning for this field. expected, hint: as in a UserError."""

    def __init__(self, found: str, expected: str, hint: str | None = None) -> None:
        super().__init__(found)
        self.found, self.expected, self.hint = found, expected, hint


def _everywhere(*operators: Symbol) -> tuple[Component, ...]:
    return tuple(((None, operator),) for operator in operators)


def _gradient(field: Field) -> Applied:
    if field.rank == 0:
        return _jacobian(field)
    _check_scalar(field, "ask for its jacobian, or choose a column (columns)")
    return Applied(_everywhere(*(partial(i) for i in field.coordinates)))


def _jacobian(field: Field) -> Applied:
    _check_rank(field)
    return Applied(_everywhere(*(partial(i) for i in field.coordinates)), (len(field.coordinates),))


def _hessian(field: Field) -> Applied:
    _check_rank(field)
    size = len(field.coordinates)
    return Applied(_everywhere(*(partial(i, j) for i in field.coordinates for j in field.coordinates)), (size, size))


def _laplacian(field: Field) -> Applied:
    return Applied(_everywhere(laplacian(field.coordinates)))


def _biharmonic(field: Field) -> Applied:
    once = laplacian(field.coordinates)
    return Applied(_everywhere(composed(once, once)))


def _divergence(field: Field) -> Applied:
    _check_vector(field, len(field.coordinates))
    return Applied((tuple((column, partial(i)) for column, i in enumerate(field.coordinates)),))


def _curl(field: Field) -> Applied:
    size = len(field.coordinates)
    if size not in (2, 3):
        raise DoesNotApplyError(f"{size} coordinates", "2 or 3", "choose them (coordinates)")
    _check_vector(field, size)

    def turn(a: int, b: int) -> Component:
        """∂_a of column b - ∂_b of column a."""
        return (b, partial(field.coordinates[a])), (a, combination([(-1, partial(field.coordinates[b]))]))

    return Applied((turn(0, 1),) if size == 2 else (turn(1, 2), turn(2, 0), turn(0, 1)))


def _normal(field: Field) -> Applied:
    _check_scalar(field, "choose a column (columns)")
    return replace(_gradient(field), formula=normal)


def _mean_curvature(field: Field) -> Applied:
    if len(field.coordinates) < 2:
        raise DoesNotApplyError("1 coordinate", "at least 2: level sets of a function of one are points")
    return _curvature(field, mean_curvature)


def _gaussian_curvature(field: Field) -> Applied:
    if len(field.coordinates) != 3:
        raise DoesNotApplyError(_counted(len(field.coordinates), "coordinate"), "3", "choose them (coordinates)")
    return _curvature(field, gaussian_curvature)


def _curvature(field: Field, formula: Formula) -> Applied:
    """A function of the first and second derivatives."""
    _check_scalar(field, "choose a column (columns)")
    first = (partial(i) for i in field.coordinates)
    second = (partial(i, j) for i, j in pairs(field.coordinates))
    return Applied(_everywhere(*first, *second), formula=formula)


NAMED: Mapping[str, Callable[[Field], Applied]] = {
    "gradient": _gradient,
    "jacobian": _jacobian,
    "hessian": _hessian,
    "laplacian": _laplacian,
    "biharmonic": _biharmonic,
    "divergence": _divergence,
    "curl": _curl,
    "normal": _normal,
    "mean_curvature": _mean_curvature,
    "gaussian_curvature": _gaussian_curvature,
}

DIRECTIONAL = re.compile(r"directional([2-9]|[1-9][0-9]+)?", re.ASCII)
"""`directional` and its powers, `directional2` …"""


HIGHEST_POWER = 170


def is_named(name: str) -> bool:
    """Whether an operator has this name."""
    return name in NAMED or bool(DIRECTIONAL.fullmatch(name))


def apply_named(name: str, field: Field) -> Applied:
    """The operator of this name (`is_named`). Raises DoesNotApplyError where it has no meaning for the field."""
    if name in NAMED:
        return NAMED[name](field)
    if not field.direction:
        raise DoesNotApplyError("no direction", "the vector (direction), one number for each coordinate")
    found = DIRECTIONAL.fullmatch(name)
    power = int(found[1] or 1) if found else 1
    if power > HIGHEST_POWER:
        raise DoesNotApplyError(f"order {power}", f"at most {HIGHEST_POWER}: the factorials of others are no float64")
    return Applied(_everywhere(directional(field.direction, power)))


def _check_rank(field: Field) -> None:
    if field.rank is None:
        raise DoesNotApplyError("a field whose number of axes is unknown", "a known number of axes")


def _check_scalar(field: Field, hint: str) -> None:
    if field.columns != 1:
        raise DoesNotApplyError(_has_columns(field), "a field of 1 column", hint)


def _check_vector(field: Field, size: int) -> None:
    if field.columns != size:
        raise DoesNotApplyError(
            _has_columns(field), f"{size}, one for each coordinate", "choose them (columns, coordinates)"
        )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _has_columns(field: Field) -> str:
    return "an unknown number of columns" if field.columns is None else f"{field.columns} columns"
