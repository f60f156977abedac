"""Einsum: reading its equation, and choosing in which order several operands are contracted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import prod

Labels = tuple[str, ...]

UNKNOWN_SIZE = 1024
"""What a size that is not known when compiling (a batch) counts in costs."""
EXHAUSTIVE = 8
"""Operands up to which all orders are tried; the time grows as 3 to this power."""


@dataclass(frozen=True, slots=True)
class Equation:
    """The labels of the axes of each operand and of the result; axes under an ellipsis are called `…0`, `…1`, …"""

    operands: tuple[Labels, ...]
    result: Labels


def read_equation(text: str, ranks: Sequence[int]) -> Equation:
    """The equation of an Einsum node for operands of these ranks.

    Axes under an ellipsis are aligned from the right, as in broadcasting. Without an arrow the result has the axes
    under the ellipsis and then the labels that occur once, in alphabetical order. Raises ValueError where it does not
    fit the ranks.
    """
    left, arrow, right = text.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(ranks):
        raise ValueError(f"{len(terms)} terms for {len(ranks)} operands")
    operands = tuple(_labels(term, rank) for term, rank in zip(terms, ranks, strict=True))
    hidden = max((len([name for name in labels if name[0] == "…"]) for labels in operands), default=0)
    under = tuple(f"…{number}" for number in range(hidden - 1, -1, -1))
    if arrow:
        before, dots, after = right.partition("...")
        return Equation(operands, (*before, *(under if dots else ()), *after))
    counts = Counter(name for labels in operands for name in labels)
    single = sorted(name for name, count in counts.items() if count == 1 and name[0] != "…")
    return Equation(operands, (*under, *single))


def _labels(term: str, rank: int) -> Labels:
    before, dots, after = term.partition("...")
    hidden = rank - len(before) - len(after)
    if hidden < 0 or (hidden and not dots):
        raise ValueError(f"{term!r} does not fit an operand of rank {rank}")
    return (*before, *(f"…{number}" for number in range(hidden - 1, -1, -1)), *after)


@dataclass(frozen=True, slots=True)
class Order:
    """How to contract: an operand by its number, or two orders whose results are contracted. cost: multiplications."""

    operand: int | None
    parts: tuple[Order, Order] | None
    labels: frozenset[str]
    cost: int


def cheapest_order(equation: Equation, sizes: Mapping[str, int | str | None]) -> Order:
    """The order with the fewest multiplications; each pair counts the product of the sizes of all its labels.

    Exhaustive up to `EXHAUSTIVE` operands; beyond, the cheapest pair of all is contracted first, again and again.
    """
    numbers = {name: size if isinstance(size, int) else UNKNOWN_SIZE for name, size in sizes.items()}
    sets = [frozenset(labels) for labels in equation.operands]

    def kept(chosen: frozenset[int], labels: frozenset[str]) -> frozenset[str]:
        others = frozenset(equation.result).union(*(sets[k] for k in range(len(sets)) if k not in chosen))
        return labels & others

    def leaf(k: int) -> Order:
        return Order(k, None, kept(frozenset([k]), sets[k]), 0)

    def joined(chosen: frozenset[int], a: Order, b: Order) -> Order:
        labels = a.labels | b.labels
        cost = a.cost + b.cost + prod(numbers[name] for name in labels)
        return Order(None, (a, b), kept(chosen, labels), cost)

    @cache
    def best(chosen: frozenset[int]) -> Order:
        if len(chosen) == 1:
            return leaf(next(iter(chosen)))
        first, *rest = sorted(chosen)
        candidates = []
        for pattern in range(2 ** len(rest) - 1):
            one = frozenset([first, *(k for bit, k in enumerate(rest) if pattern >> bit & 1)])
            candidates.append(joined(chosen, best(one), best(chosen - one)))
        return min(candidates, key=lambda order: order.cost)

    if len(sets) <= EXHAUSTIVE:
        return best(frozenset(range(len(sets))))
    pool = [(frozenset([k]), leaf(k)) for k in range(len(sets))]
    while len(pool) > 1:
        pairs = [(i, j) for j in range(len(pool)) for i in range(j)]
        orders = {(i, j): joined(pool[i][0] | pool[j][0], pool[i][1], pool[j][1]) for i, j in pairs}
        i, j = min(pairs, key=lambda pair: orders[pair].cost - pool[pair[0]][1].cost - pool[pair[1]][1].cost)
        pool = [*(each for k, each in enumerate(pool) if k not in (i, j)), (pool[i][0] | pool[j][0], orders[i, j])]
    return pool[0][1]
