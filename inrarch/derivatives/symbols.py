"""Linear differential operators with constant coefficients, written as polynomials.

The operator P(∂) = Σ p_α ∂^α has the *symbol* P(ξ) = Σ p_α ξ^α: the Laplacian's is ξ₀² + ξ₁² + …, and products of
operators are products of symbols. Coefficients are exact fractions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from inrarch.derivatives.indices import Index, index_factorial, rising

Divided = dict[Index, Fraction]
"""A polynomial by its coefficients on the divided powers ξ^α / α!: differentiating by ξ_i just takes i from α."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """P(∂) by its terms (α, p_α): in rising order, without zeros. Equal operators are equal."""

    terms: tuple[tuple[Index, Fraction], ...]

    @property
    def order(self) -> int:
        """The highest order of differentiation; 0 for a multiple of the value and for zero."""
        return max((len(index) for index, _ in self.terms), default=0)

    @property
    def index(self) -> Index | None:
        """The multi-index where the operator is one partial derivative (`()`: the value), else None."""
        return self.terms[0][0] if len(self.terms) == 1 and self.terms[0][1] == 1 else None

    def divided(self) -> Divided:
        """The same polynomial on divided powers: p_α α!."""
        return {index: weight * index_factorial(index) for index, weight in self.terms}


def symbol(terms: Mapping[Index, Fraction | int]) -> Symbol:
    """The operator Σ p_α ∂^α; every α lists its coordinates in rising order."""
    found = [(index, Fraction(weight)) for index, weight in terms.items() if weight]
    return Symbol(tuple(sorted(found, key=lambda term: rising(term[0]))))


def partial(*coordinates: int) -> Symbol:
    """∂/∂x_i ∂/∂x_j …; the value itself without coordinates."""
    return symbol({tuple(sorted(coordinates)): 1})


def combination(weighted: Iterable[tuple[Fraction | int, Symbol]]) -> Symbol:
    """Σ weight x operator."""
    total: dict[Index, Fraction] = {}
    for weight, operator in weighted:
        for index, each in operator.terms:
            total[index] = total.get(index, Fraction(0)) + weight * each
    return symbol(total)


def composed(*operators: Symbol) -> Symbol:
    """The operators one after the other: their symbols multiplied."""
    total: dict[Index, Fraction] = {(): Fraction(1)}
    for operator in operators:
        product: dict[Index, Fraction] = {}
        for index, weight in total.items():
            for other, factor in operator.terms:
                joined = tuple(sorted(index + other))
                product[joined] = product.get(joined, Fraction(0)) + weight * factor
        total = product
    return symbol(total)


def laplacian(coordinates: Iterable[int]) -> Symbol:
    """Σ ∂²/∂x_i²."""
    return symbol({(i, i): 1 for i in coordinates})


def directional(direction: Mapping[int, Fraction], order: int) -> Symbol:
    """(Σ v_i ∂/∂x_i)^order for the vector v, by coordinate."""
    along = symbol({(i,): weight for i, weight in direction.items()})
    return composed(*[along] * order)
