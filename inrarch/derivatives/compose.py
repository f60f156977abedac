"""Taylor coefficients of f(u) for a smooth univariate f: one routine for all such operators, any order.

With v = u - u₀ and B_k = v^k / k!, the coefficient of element α of the space is

    f(u)_α = Σ_k f^(k)(u₀) B_{k,α},   1 <= k <= |α|.

B_k is zero below order k. B_1 = v, and k B_k = v B_{k-1}: the splits of α, each product v_β B_{k-1,γ} with its weight.
Where all terms of α, and of each β, differentiate equally often by x_i (or in all), the products may be weighted by an
affine functional L(β) = w·β + c of that multiplicity as well,

    (w·α + c k) B_{k,α} = Σ_{splits} L(β) v_β B_{k-1,γ},

because the left side counts L over all k factors of each monomial. w = e_i, c = 0 is differentiation along x_i;
w = (1, …, 1), c = -1 leaves out the factors of order 1; its opposite with c = |α| - k + 1 leaves out those of the
highest order. (Other functionals would do, but with weights of both signs they lose digits.) For a partial derivative
with |α| = k all factors are of first order, and B_{k,α} is a product over coordinates. Of these forms the one that adds
the fewest nodes is written; products are shared.
(Own derivation from the multinomial theorem; c.f. Griewank & Walther, Evaluating Derivatives, chapter 13.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction

import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.indices import Index
from inrarch.derivatives.jet import Coefficients
from inrarch.derivatives.space import Space
from inrarch.derivatives.sums import ONE, Term, count_of_products, sum_of_products, weighted_sum

Series = Sequence[tuple[int, ir.Value] | None]
"""f^(k)(u₀) for k = 1, 2, … as (sign, value); None where it is zero. Equal values are grouped into one product."""


def compose(emit: Emitter, series: Series, inner: Coefficients, space: Space) -> Coefficients:
    """Coefficients of f(u) from the derivatives of f at u₀ and the coefficients of u."""
    powers = _divided_powers(emit, inner, space)
    result: Coefficients = {}
    for index in space.indices:
        groups: dict[int, list[tuple[Fraction, ir.Value]]] = defaultdict(list)
        outer: dict[int, ir.Value] = {}
        for derivative, power in zip(series, powers, strict=False):
            if derivative is not None and index in power:
                sign, value = derivative
                outer[id(value)] = value
                groups[id(value)].append((Fraction(sign), power[index]))
        total = _sum_of_groups(emit, [(outer[key], terms) for key, terms in groups.items()])
        if total is not None:
            result[index] = total
    return result


def _sum_of_groups(
    emit: Emitter, groups: Sequence[tuple[ir.Value, list[tuple[Fraction, ir.Value]]]]
) -> ir.Value | None:
    """Σ outer x (Σ ± power): a group of negative terms only is added up and subtracted as a whole."""
    terms: list[Term] = []
    for outer, inner in groups:
        sign = -ONE if inner[0][0] < 0 else ONE
        total = weighted_sum(emit, [(sign * weight, value) for weight, value in inner])
        if total is not None:
            terms.append((sign, outer, total))
    return sum_of_products(emit, terms)


def _divided_powers(emit: Emitter, v: Coefficients, space: Space) -> list[Coefficients]:
    """B_1, B_2, … up to the highest order carried."""
    powers = [v]
    for k in range(2, max(map(len, space.indices), default=0) + 1):
        power: Coefficients = {}
        powers.append(power)
        for index in space.indices:
            if len(index) >= k:
                forms = list(_forms(powers, k, index, space))
                value = sum_of_products(emit, min(forms, key=lambda form: count_of_products(emit, form)))
                if value is not None:
                    power[index] = value
    return powers


def _forms(powers: Sequence[Coefficients], k: int, index: Index, space: Space) -> Iterator[list[Term]]:
    """Equal expressions for B_{k,α} as sums of products of what is there."""
    v, below = powers[0], powers[k - 2]
    if space.is_partial(index) and len(index) == k and index[0] != index[-1]:
        multiplicity = index.count(index[0])
        first, rest = index[:multiplicity], index[multiplicity:]
        if first in powers[multiplicity - 1] and rest in powers[k - multiplicity - 1]:
            yield [(ONE, powers[multiplicity - 1][first], powers[k - multiplicity - 1][rest])]
        else:
            yield []
        return
    splits = [split for split in space.splits(index) if split[1] in v and split[2] in below]
    for functional, total in _functionals(k, index, [part for _, part, _ in splits], space):
        yield [
            (weight * Fraction(functional[part], total), v[part], below[rest])
            for weight, part, rest in splits
            if functional[part]
        ]


def _functionals(k: int, index: Index, parts: Sequence[Index], space: Space) -> Iterator[tuple[dict[Index, int], int]]:
    """L of every part, and of k parts together; there is always one."""
    for coordinate in sorted(set(index)):
        total = space.multiplicity(index, coordinate)
        counts = {part: space.multiplicity(part, coordinate) for part in parts}
        if total and None not in counts.values():
            yield {part: count or 0 for part, count in counts.items()}, total
    orders = {part: space.degree(part) for part in parts}
    if space.degree(index) is None or None in orders.values():
        yield dict.fromkeys(parts, 1), k
        return
    highest = len(index) - k + 1
    for order in (0, 1, highest):
        if len(index) != k * order:
            yield {part: len(part) - order for part in parts}, len(index) - k * order
