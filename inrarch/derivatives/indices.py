"""Multi-indices of partial derivatives: which there are, how they split, and what they are called.

An `Index` lists the coordinates of a partial derivative in rising order: ``(0, 0, 1)`` is ∂³/∂x₀²∂x₁, ``()`` the value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import combinations_with_replacement, product
from math import factorial, prod

Index = tuple[int, ...]


def rising(index: Index) -> tuple[int, Index]:
    """Sort key: by order, then by coordinates."""
    return len(index), index


def tower(coordinates: int, order: int) -> list[Index]:
    """All indices up to an order, each distinct partial once: C(order + coordinates, coordinates) of them."""
    return [index for size in range(order + 1) for index in combinations_with_replacement(range(coordinates), size)]


@lru_cache(maxsize=65536)
def parts(index: Index) -> tuple[Index, ...]:
    """All β with β <= index, in rising order; their number is the product of (multiplicity + 1)."""
    counts = sorted(Counter(index).items())
    choices = product(*(range(count + 1) for _, count in counts))
    found = [
        tuple(coordinate for (coordinate, _), count in zip(counts, choice, strict=True) for _ in range(count))
        for choice in choices
    ]
    return tuple(sorted(found, key=rising))


def number_of_parts(index: Index) -> int:
    """How many `parts` an index has, without listing them."""
    return prod(count + 1 for count in Counter(index).values())


@lru_cache(maxsize=65536)
def minus(index: Index, part: Index) -> Index:
    """index - part as multi-indices; `part` must be one of the index's parts."""
    rest = list(index)
    for coordinate in part:
        rest.remove(coordinate)
    return tuple(rest)


def index_factorial(index: Index) -> int:
    """α! = product of the factorials of the multiplicities: derivative = α! x normalised Taylor coefficient."""
    return prod(factorial(count) for count in Counter(index).values())


def closed_below(indices: Iterable[Index]) -> tuple[Index, ...]:
    """The smallest downward-closed set that contains these, in rising order: what a Taylor expansion must carry."""
    closed: set[Index] = set()
    for index in indices:
        closed.update(parts(index))
    return tuple(sorted(closed, key=rising))


def suffix(index: Index, coordinates: int) -> str:
    """Name of a partial derivative: ``_d001``; ``_d0_0_12`` with more than ten coordinates; nothing for the value."""
    if not index:
        return ""
    return "_d" + ("_" if coordinates > 10 else "").join(map(str, index))
