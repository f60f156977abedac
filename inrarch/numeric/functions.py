"""The functions that have tables: one line each in `_LISTED`, and how to find them. A new function is a new line there.

kind says how the argument is reduced (`inrarch.numeric.reductions`): `phase`, `window`, `exponential`, `normalised` or
`folded`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from inrarch.errors import UserError, did_you_mean

Real = npt.NDArray[np.float64]
RealFunction = Callable[[Real], Real]

EVERYWHERE = "everywhere"
EVEN, NONE, ODD = 1, 0, -1
"""Symmetry: f(-x) = f(x), none, f(-x) = -f(x)."""


@dataclass(frozen=True, slots=True)
class Fold:
    """How a `folded` table sees its function: by the distance from a base, on one side of it.

    symmetry: EVEN, NONE or ODD. of_distance: the function of the distance d >= 0, where the argument (its magnitude
    where there is a symmetry) is base + d, or base - d where `falling`. singular: whether the function or one of its
    first three derivatives is infinite at the base. bounded: whether the function is undefined on the other side of the
    base; it is taken to be the value at the base there.
    """

    symmetry: int
    of_distance: RealFunction
    base: int = 0
    falling: bool = False
    singular: bool = False
    bounded: bool = False


@dataclass(frozen=True, slots=True)
class TabulatedFunction:
    """A function of one number. exact: in float64, vectorised. bound: the largest magnitude of all its results.

    domain: where it is defined, in words, for messages. exponent: of a `normalised` power, -1, -1/2 or 1/2; None for
    the logarithm. fold: of a `folded` function. fold_near_zero: used instead for input formats within ±1/4.
    """

    name: str
    kind: str
    exact: RealFunction
    bound: float | None = None
    domain: str = EVERYWHERE
    exponent: float | None = None
    fold: Fold | None = None
    fold_near_zero: Fold | None = None


def table_functions() -> tuple[str, ...]:
    """The names of all functions, without the powers, of which there is one for each exponent."""
    return tuple(_LISTED)


def power_name(exponent: float) -> str:
    """The name of a power's table: `pow(-0.5)`."""
    return f"pow({exponent!r})"


def function_named(name: str) -> TabulatedFunction:
    """The function of this name. UserError with the nearest name where there is none."""
    if name.startswith("pow(") and name.endswith(")"):
        return _power(float(name[4:-1]))
    if name not in _LISTED:
        raise UserError(
            f"there is no function table for {name!r}",
            expected=" | ".join(_LISTED),
            hint=did_you_mean(name, _LISTED),
        )
    return _LISTED[name]


def softplus_rest(x: Real) -> Real:
    """softplus(x) - max(x, 0)."""
    return np.asarray(np.log1p(np.exp(-np.abs(x))))


def _softplus(x: Real) -> Real:
    return np.asarray(np.maximum(x, 0.0) + softplus_rest(x))


def _sigmoid(x: Real) -> Real:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, e) / (1.0 + e)


def _erf(x: Real) -> Real:
    return np.asarray(np.frompyfunc(math.erf, 1, 1)(x), dtype=np.float64)


def _below_one(function: RealFunction) -> RealFunction:
    """F of 1 - d for an odd function with slope 1 at 0; beyond d = 1, where no input is, its tangent."""

    def of_distance(d: Real) -> Real:
        return np.asarray(np.where(d > 1, 1 - d, function(1 - np.minimum(d, 1.0))))

    return of_distance


@cache
def _power(exponent: float) -> TabulatedFunction:
    """u to a constant power that is not whole (whole powers are products)."""

    def exact(x: Real) -> Real:
        return np.asarray(np.power(x, exponent))

    domain = "from 0 on" if exponent > 0 else "above 0"
    if exponent in (-0.5, 0.5):
        return TabulatedFunction(power_name(exponent), "normalised", exact, None, domain, exponent)
    fold = Fold(NONE, exact, singular=True, bounded=True)
    return TabulatedFunction(power_name(exponent), "folded", exact, None, domain, fold=fold)


def _smooth(name: str, function: RealFunction, symmetry: int, bound: float | None = None) -> TabulatedFunction:
    return TabulatedFunction(name, "folded", function, bound, fold=Fold(symmetry, function))


def _inside_one(name: str, function: RealFunction, bound: float | None, domain: str) -> TabulatedFunction:
    fold = Fold(ODD, _below_one(function), base=1, falling=True, singular=True, bounded=True)
    return TabulatedFunction(name, "folded", function, bound, domain, fold=fold, fold_near_zero=Fold(ODD, function))


_LISTED: dict[str, TabulatedFunction] = {
    function.name: function
    for function in (
        TabulatedFunction("sin", "phase", np.sin, 1.0),
        TabulatedFunction("cos", "phase", np.cos, 1.0),
        TabulatedFunction("sigmoid", "window", _sigmoid, 1.0),
        TabulatedFunction("softplus", "window", _softplus),
        TabulatedFunction("exp", "exponential", np.exp),
        _smooth("tanh", np.tanh, ODD, 1.0),
        _smooth("erf", _erf, ODD, 1.0),
        _smooth("atan", np.arctan, ODD, math.pi / 2),
        _smooth("asinh", np.arcsinh, ODD),
        _smooth("sinh", np.sinh, ODD),
        _smooth("cosh", np.cosh, EVEN),
        _inside_one("asin", np.arcsin, math.pi / 2, "from -1 to 1"),
        _inside_one("atanh", np.arctanh, None, "between -1 and 1"),
        TabulatedFunction(
            "acosh",
            "folded",
            np.arccosh,
            domain="from 1 on",
            fold=Fold(NONE, lambda d: np.asarray(np.arccosh(1 + d)), base=1, singular=True, bounded=True),
        ),
        TabulatedFunction("reciprocal", "normalised", np.reciprocal, domain="apart from 0", exponent=-1),
        TabulatedFunction("sqrt", "normalised", np.sqrt, domain="from 0 on", exponent=0.5),
        TabulatedFunction("log", "normalised", np.log, domain="above 0"),
    )
}
