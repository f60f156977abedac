"""Taylor rules that several operators share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import comb

import onnx_ir as ir

from inrarch.derivatives.compose import Series, compose
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients, Jet
from inrarch.derivatives.sums import sum_of_products, weighted_sum

Rule = Callable[[Emitter, Application], Coefficients]
SeriesRule = Callable[[Emitter, Application, int], Series]
"""f^(1..n)(u₀) of a univariate operator, as (sign, value) or None where zero; the argument is `inputs[0].value`."""


def no_coefficients(emit: Emitter, application: Application) -> Coefficients:
    """The result is an integer, a truth value or a constant: its derivatives are zero (where they exist)."""
    return {}


def unchanged(emit: Emitter, application: Application) -> Coefficients:
    """The coefficients of the first operand serve as they are: they stay broadcastable to the result."""
    return dict(application.operand(0).coefficients)


def univariate(series: SeriesRule) -> Rule:
    """f(u) for a smooth function of one variable, from its derivatives at u₀."""

    def rule(emit: Emitter, application: Application) -> Coefficients:
        inner = application.operand(0).coefficients
        order = max(map(len, application.indices))
        return compose(emit, series(emit, application, order), inner, application.space)

    return rule


def linear(signs: Sequence[int]) -> Rule:
    """± a ± b …: coefficient by coefficient."""

    def rule(emit: Emitter, application: Application) -> Coefficients:
        result: Coefficients = {}
        jets = [application.operand(position) for position in range(len(signs))]
        for index in application.indices:
            terms = [
                (Fraction(sign), jet.coefficients[index])
                for sign, jet in zip(signs, jets, strict=True)
                if index in jet.coefficients
            ]
            total = weighted_sum(emit, terms)
            if total is not None:
                result[index] = total
        return result

    return rule


def convolve(
    emit: Emitter,
    a: Jet,
    b: Jet,
    application: Application,
    product: Callable[[ir.Value, ir.Value], ir.Value],
) -> Coefficients:
    """Coefficients of a bilinear operator: Σ product(a_β, b_γ) over the splits of each index."""
    left, right = {(): a.value, **a.coefficients}, {(): b.value, **b.coefficients}
    result: Coefficients = {}
    for index in application.indices:
        terms = [
            (weight, product(left[part], right[rest]))
            for weight, part, rest in application.space.splits(index)
            if part in left and rest in right
        ]
        total = weighted_sum(emit, terms)
        if total is not None:
            result[index] = total
    return result


def leibniz(emit: Emitter, derivatives: Sequence[ir.Value], k: int, sign: int) -> ir.Value:
    """± the k-th derivative of a square: ± Σ_j C(k, j) f^(j) f^(k-j), from f, f', …, f^(k)."""
    total = sum_of_products(
        emit, [(Fraction(sign * comb(k, j)), derivatives[j], derivatives[k - j]) for j in range(k + 1)]
    )
    if total is None:
        raise ArithmeticError("a sum of terms of one sign cannot be empty")
    return total
