"""Designs at the prices of the certificate: where its bound is low, the cheapest units at its exchange rate.

The higher the rate, the less is taken of what is limited; bisection finds the least rate that keeps to the limits.
Where the scarcest resource counts, prices of resources rise with their shares until these are about equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from inrarch.dataflow.certificate import Certificate
from inrarch.dataflow.goals import Area, Goal, Reals, share
from inrarch.dataflow.relaxation import Examined
from inrarch.dataflow.relaxed_units import Weights
from inrarch.dataflow.resources import KINDS
from inrarch.dataflow.throughput import Design

_RANGES = 2
"""Ranges of row times that give designs, besides one with narrow streams."""
_HASTE = 0.3
"""What it counts against a range that its rows alone take all cycles that there are."""
_RATES = (1.0, 2.0)
"""Those at which stream lanes are chosen, in terms of the one that makes the bound the largest."""
_WIDEST = 8.0
_HALVINGS = 7
_ROUNDS = 8
"""Of making prices follow shares."""
_AGAIN = 2
"""Times that stream lanes are chosen by such prices, and that units are changed."""
_SLIGHT = 1e-3
"""What the other shares count."""

Fits = Callable[[Design, float], bool]
"""Whether a design keeps to the limits; and about the cycles that it takes."""


def priced(certificate: Certificate, fits: Fits) -> Iterator[Design]:
    """Designs, any of which may be the best."""
    for examined in _ranges(certificate):
        if isinstance(certificate.goal, Area):
            yield from _balanced(examined, certificate.goal, fits)
            continue
        seen = []
        for factor in _RATES:
            lanes = examined.relaxed.lanes(examined.weights(np.array([factor * examined.rate])))
            if lanes not in seen:
                seen.append(lanes)
                yield from _at(examined, lanes, fits)


def _ranges(certificate: Certificate) -> list[Examined]:
    """Those with the lowest bounds, if they leave cycles for the first row, and one where any stream can be narrow."""
    most = certificate.goal.limits.cycles if isinstance(certificate.goal, Area) else None
    found = sorted(certificate.examined, key=lambda each: each.value * (1 + _HASTE * each.rows / (most or np.inf)))
    menu = certificate.menu
    narrow = [
        each
        for each in found
        if all(lanes[0] == menu.legal(features)[0] for features, lanes in each.relaxed.allowed.items())
    ]
    chosen = found[:_RANGES] + [each for each in narrow[:1] if each not in found[:_RANGES]]
    return chosen if isinstance(certificate.goal, Area) else [certificate.begun(each) for each in chosen]


def _at(examined: Examined, lanes: dict[int, int], fits: Fits) -> Iterator[Design]:
    """The design of about the least rate that fits, at these stream lanes, and one that has part of the next one."""
    best, beyond, taken = None, None, 0.0
    low, high = examined.rate / _WIDEST, examined.rate * _WIDEST
    for _ in range(_HALVINGS):
        rate = float(np.sqrt(low * high))
        design, cycles = _design(examined, examined.weights(np.array([rate])), lanes)
        if fits(design, cycles):
            best, high, taken = design, rate, cycles
        else:
            beyond, low = design, rate
    if best is not None:
        yield best
        if beyond is not None:
            yield from _spliced(examined, beyond, best, lambda design: fits(design, taken))


def _spliced(examined: Examined, beyond: Design, best: Design, fits: Callable[[Design], bool]) -> Iterator[Design]:
    """The design with as many of the last units as in the one beyond the limits as keep to these."""
    menu, low, high = examined.relaxed.menu, 0, len(best.chosen)
    found = None
    while low < high:
        place = (low + high) // 2
        chosen = (*best.chosen[:place], *beyond.chosen[place:])
        design = Design(best.widths, chosen, menu.cost(best.widths, chosen))
        if fits(design):
            found, high = design, place
        else:
            low = place + 1
    if found is not None:
        yield found


def _balanced(examined: Examined, goal: Goal, fits: Fits) -> Iterator[Design]:
    """Designs whose shares of the board are about equal, where that makes the largest one small."""
    whole = goal.limits.whole
    have = np.array([max(whole.of(kind), 1) for kind in KINDS], dtype=float)
    weights = examined.weights(np.array([examined.rate]))
    prices, rate, sizes = weights.numbers[0, : len(KINDS)] * have + 0.01, weights.cycle, weights.numbers.shape[1]
    for _ in range(_AGAIN):
        best, lanes = None, None
        for _ in range(_ROUNDS):
            numbers = np.concatenate((prices / prices.sum() / have, np.zeros(sizes - len(KINDS))))[None]
            if lanes is None:
                lanes = examined.relaxed.lanes(Weights(numbers, rate))
            design, cycles = _design(examined, Weights(numbers, rate), lanes)
            shares = np.array([design.cost.of(kind) for kind in KINDS]) / have
            if not fits(design, cycles):
                rate = 2 * rate
            elif best is None or share(design.cost, whole) < share(best.cost, whole):
                best = design
            prices = prices * np.maximum(shares / shares.max(), 0.25)
            prices = np.maximum(prices / prices.sum(), 1e-3)
        if best is not None:
            yield best
            yield _evened(examined, best, have)


def _evened(examined: Examined, design: Design, have: Reals) -> Design:
    """The design, one unit after the other changed to make the largest share small."""
    menu, cycles = examined.relaxed.menu, examined.relaxed.cycles
    chosen = list(design.chosen)
    total = np.array([design.cost.of(kind) for kind in KINDS], dtype=float)
    for _ in range(_AGAIN):
        for place, unit in enumerate(menu.units.units):
            offers = menu.offers(unit, design.widths)
            least = offers.least(cycles)
            assert least is not None  # it is in the design
            shares = (total - offers.table[chosen[place]] + offers.table[least:]) / have
            chosen[place], before = (
                least + int((shares.max(axis=1) + _SLIGHT * shares.sum(axis=1)).argmin()),
                chosen[place],
            )
            total += offers.table[chosen[place]] - offers.table[before]
    return Design(design.widths, tuple(chosen), menu.cost(design.widths, chosen))


def _design(examined: Examined, weights: Weights, lanes: dict[int, int]) -> tuple[Design, float]:
    chosen, delay = examined.relaxed.design(weights, lanes)
    return Design(lanes, chosen, examined.relaxed.menu.cost(lanes, chosen)), examined.rows + delay
