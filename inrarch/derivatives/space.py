"""The Taylor coefficients that an expansion carries: the smallest set closed under what is asked.

Which sets are closed? A coefficient of u is P(∂)u for a polynomial P. By Taylor's theorem
P(ξ + η) = Σ_β ξ^β/β! P^(β)(η), so the product rule is

    P(∂)(u v) = Σ_β 1/β! (∂^β u) (P^(β)(∂) v),      P^(β) = ∂^β P / ∂ξ^β.

A space V of polynomials that contains 1 and is closed under partial derivatives gives back itself: P(ξ + η), polynomial
in ξ and in η, lies in V ⊗ V. So V is enough for products, for functions of u (power series), and for quotients; and
whatever computes P(∂) of products needs all P^(β). The smallest space for a set of operators is the span of all partial
derivatives of their symbols: C(n + d, d) for all partials up to order n in d coordinates, but d + 2 for the Laplacian
(1, ξ₀, …, |ξ|²), and 9, 14, 27 in 2, 3, 5 coordinates for the bi-Laplacian.

The basis. On divided powers b_α = ξ^α/α! differentiating is ∂^γ b_α = b_{α-γ}. Let the basis of V be in reduced
echelon form: each element e_j has a leading index p_j that no other element contains, where its coefficient is 1. Then
the coordinate of a polynomial along e_j is its coefficient at p_j. With w_j(α) the coefficients of e_j,

    e_j(ξ + η) = Σ_{k,l} w_j(p_k + p_l) e_k(ξ) e_l(η),

since differentiating e_j by p_k leaves w_j(p_k + p_l) at p_l. These products are the *splits* of e_j. A multi-index
whose b_α lies in V is an element by itself, so a tower has the basis b_α and the splits β + γ = α, each with weight 1.

Elements are named by their leading index, which is of the element's degree. Those that are not a single b_α are scaled
so that squares and products enter with weight 1 as far as possible: the Laplacian's is ξ₀² + ξ₁² + …

(V is a sub-coalgebra of the divided-power coalgebra. For special operators the saving is known as collapsed Taylor
mode: Dangel et al., 2025. Towers: Griewank & Walther, Evaluating Derivatives, chapter 13.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from inrarch.derivatives.indices import Index, closed_below, minus, number_of_parts, parts, rising, suffix
from inrarch.derivatives.symbols import Divided, Symbol

Split = tuple[Fraction, Index, Index]
"""weight, left, right: the product of these coefficients of two factors, in a coefficient of the product."""

ONE = Fraction(1)


class Space:
    """A space of operators closed under partial derivatives of their symbols, with its basis.

    coordinates: how many there are. indices: leading indices of the elements of order >= 1 in rising order; the value
    itself, `()`, always belongs to the space.
    """

    def __init__(self, coordinates: int, elements: Mapping[Index, Divided]) -> None:
        """elements: by leading index, `()` included; reduced echelon form, each times any factor."""
        self.coordinates = coordinates
        self.indices: tuple[Index, ...] = tuple(sorted((index for index in elements if index), key=rising))
        self._elements = elements
        self._splits: dict[Index, tuple[Split, ...]] = {}

    def splits(self, index: Index) -> tuple[Split, ...]:
        """All products of which this coefficient of a product is the weighted sum; those with the values included."""
        if index not in self._splits:
            found: list[Split] = []
            for whole, weight in self._elements[index].items():
                for left in parts(whole):
                    right = minus(whole, left)
                    if left in self._elements and right in self._elements:
                        scale = self._scale(left) * self._scale(right)
                        found.append((ONE if weight == scale else weight / scale, left, right))
            self._splits[index] = tuple(found)
        return self._splits[index]

    def element(self, index: Index) -> Mapping[Index, Fraction]:
        """An element by its coefficients on the divided powers."""
        return self._elements[index]

    def is_partial(self, index: Index) -> bool:
        """Whether this element is b_α by itself: the coefficient of one partial derivative."""
        return len(self._elements[index]) == 1

    def degree(self, index: Index) -> int | None:
        """The order of all terms of an element, None where they differ."""
        orders = {len(each) for each in self._elements[index]}
        return orders.pop() if len(orders) == 1 else None

    def multiplicity(self, index: Index, coordinate: int) -> int | None:
        """How often all terms of an element differentiate by a coordinate, None where they differ."""
        found = {each.count(coordinate) for each in self._elements[index]}
        return found.pop() if len(found) == 1 else None

    def first_order(self, index: Index) -> dict[int, Fraction]:
        """The terms of order 1 of an element, by coordinate: what it makes of the coordinates themselves."""
        return {each[0]: weight for each, weight in self._elements[index].items() if len(each) == 1}

    def express(self, operator: Symbol) -> dict[Index, Fraction]:
        """An operator of the space as a combination of its elements, `()` included."""
        left = operator.divided()
        found = {index: left[index] / self._scale(index) for index in left if index in self._elements}
        for index, weight in found.items():
            _subtract(left, weight, self._elements[index])
        if left:
            raise ArithmeticError("the operator does not lie in the space")
        return found

    def label(self, index: Index) -> str:
        """What is added to a value's name: `_d01` for the coefficient of a partial, `_p00` for others."""
        name = suffix(index, self.coordinates)
        return name if self.is_partial(index) else "_p" + name.removeprefix("_d")

    def _scale(self, index: Index) -> Fraction:
        return self._elements[index][index]


def partials(coordinates: int, indices: Iterable[Index]) -> Space:
    """The space of these partial derivatives and those below them."""
    return Space(coordinates, {index: {index: ONE} for index in closed_below([(), *indices])})


VALUES_ONLY = partials(0, ())
"""The space where nothing is expanded."""


def smallest_space(coordinates: int, operators: Sequence[Symbol], limit: int) -> Space | None:
    """The space spanned by all partial derivatives of the symbols; None when it has more than `limit` dimensions.

    Leading indices are of the highest order in their element. Which of those is left open: the first and the last in
    rising order are tried, and the basis with the fewest products is taken.
    """
    single = [operator.terms[0][0] for operator in operators if len(operator.terms) == 1]
    others = [operator.divided() for operator in operators if len(operator.terms) > 1]
    if max(map(number_of_parts, single), default=0) > limit:
        return None
    below = {index: {index: ONE} for index in closed_below([(), *single])}
    if not others:
        return Space(coordinates, below) if len(below) <= limit else None
    candidates = []
    for sign in (1, -1):
        elements = _closed(below, others, sign, limit)
        if elements is None:
            return None
        candidates.append(_scaled(Space(coordinates, elements), elements))
    return min(candidates, key=_number_of_products)


def _closed(
    below: Mapping[Index, Divided], operators: Sequence[Divided], sign: int, limit: int
) -> dict[Index, Divided] | None:
    """The reduced echelon form of the span of all partial derivatives, by leading index."""
    elements = dict(below)
    waiting = list(operators)
    while waiting:
        given = waiting.pop()
        left = dict(given)
        for index in given:
            if index in elements and index in left:
                _subtract(left, left[index], elements[index])
        if not left:
            continue
        if len(elements) >= limit:
            return None
        lead = max(left, key=lambda index: (len(index), [sign * coordinate for coordinate in index]))
        element = {index: weight / left[lead] for index, weight in left.items()}
        for other in elements.values():
            if lead in other:
                _subtract(other, other[lead], element)
        elements[lead] = element
        waiting += [_derivative(element, coordinate) for coordinate in sorted({i for index in element for i in index})]
    return elements


def _subtract(from_: Divided, weight: Fraction, element: Divided) -> None:
    for index, each in element.items():
        rest = from_.get(index, Fraction(0)) - weight * each
        if rest:
            from_[index] = rest
        else:
            from_.pop(index, None)


def _derivative(element: Divided, coordinate: int) -> Divided:
    return {minus(index, (coordinate,)): weight for index, weight in element.items() if coordinate in index}


def _scaled(space: Space, elements: dict[Index, Divided]) -> Space:
    """The same space; elements that are no partial derivative times the factor that leaves most products unweighted."""
    scaled = dict(elements)
    result = Space(space.coordinates, scaled)
    for index in space.indices:
        if not space.is_partial(index):
            weights = Counter(abs(weight) for weight in _weights_in_powers(result, index))
            most = min(weights, key=lambda weight: (-weights[weight], weight != 1, weight), default=ONE)
            scaled[index] = {each: weight / most for each, weight in elements[index].items()}
    return Space(space.coordinates, scaled)


def _weights_in_powers(space: Space, index: Index) -> list[Fraction]:
    """Weights of the distinct products in half the square of a series without value."""
    squares = [weight / 2 for weight, left, right in space.splits(index) if left and left == right]
    return squares + [weight for weight, left, right in space.splits(index) if left and rising(left) < rising(right)]


def _number_of_products(space: Space) -> tuple[int, int]:
    weights = [weight for index in space.indices for weight in _weights_in_powers(space, index)]
    return len(weights), sum(abs(weight) != 1 for weight in weights)
