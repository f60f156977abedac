"""Weighted sums of products of coefficients, written with few nodes; weights are exact until they are written."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import onnx_ir as ir

from inrarch.derivatives.emit import Emitter

Weighted = tuple[Fraction, ir.Value]
Term = tuple[Fraction, ir.Value, ir.Value]
"""weight x a x b"""

ONE = Fraction(1)


def merge_products(terms: Iterable[Term]) -> list[Term]:
    """Terms with equal factors (in any order) become one; those that cancel vanish."""
    merged: dict[tuple[int, int], Term] = {}
    for weight, a, b in terms:
        key = (id(a), id(b)) if id(a) <= id(b) else (id(b), id(a))
        before = merged.get(key)
        merged[key] = (weight, a, b) if before is None else (before[0] + weight, before[1], before[2])
    return [term for term in merged.values() if term[0] != 0]


def sum_of_products(emit: Emitter, terms: Iterable[Term]) -> ir.Value | None:
    """Σ weight x a x b (element by element); None when there is no term: exactly zero."""
    return weighted_sum(emit, [(weight, emit.multiply(a, b)) for weight, a, b in merge_products(terms)])


def count_of_products(emit: Emitter, terms: Iterable[Term]) -> int:
    """Nodes that `sum_of_products` would add now: products not there yet, additions, multiplications by constants."""
    merged = merge_products(terms)
    products = sum(not emit.is_known("Mul", (a, b)) for _, a, b in merged)
    weights = [weight for weight, _, _ in merged]
    return products + max(0, len(merged) - 1) + _scalings(weights, _common_factor(weights))


def weighted_sum(emit: Emitter, terms: Iterable[Weighted]) -> ir.Value | None:
    """Σ weight x value; None when there is no term.

    A factor is taken out where that saves multiplications; negative terms are subtracted.
    """
    merged: dict[int, Weighted] = {}
    for weight, value in terms:
        merged[id(value)] = (merged.get(id(value), (Fraction(0), value))[0] + weight, value)
    live = [(weight, value) for weight, value in merged.values() if weight != 0]
    if not live:
        return None
    factor = _common_factor([weight for weight, _ in live])
    if all(weight < 0 for weight, _ in live):
        factor = -factor
    scaled = [(weight / factor, value) for weight, value in live]
    positive = [emit.scale(value, weight) for weight, value in scaled if weight > 0]
    negative = [emit.scale(value, -weight) for weight, value in scaled if weight < 0]
    total = positive[0]
    for value in positive[1:]:
        total = emit.add(total, value)
    for value in negative:
        total = emit.subtract(total, value)
    return emit.scale(total, factor)


def _common_factor(weights: list[Fraction]) -> Fraction:
    candidates = sorted({ONE, *map(abs, weights)}, key=lambda factor: (factor != ONE, factor))
    return min(candidates, key=lambda factor: _scalings(weights, factor), default=ONE)


def _scalings(weights: list[Fraction], factor: Fraction) -> int:
    return sum(abs(weight) != factor for weight in weights) + (factor != ONE)
