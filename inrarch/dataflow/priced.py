"""Designs at the prices of the certificate: where its bound is low, the cheapest units at its exchange rate.

The higher the rate, the less is taken of what is limited: the least rate that keeps to the limits is found by bisection,
then, at its stream lanes, once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from inrarch.dataflow.certificate import Certificate, Examined
from inrarch.dataflow.relaxation import Relaxation, Weights
from inrarch.dataflow.throughput import Design

_RANGES = 2
"""Ranges of row times that give designs."""
_HALVINGS = 6
_WIDEST = 16.0


def priced(certificate: Certificate, fits: Callable[[Design], bool]) -> Iterator[Design]:
    """Designs, any of which may be the best. fits: whether a design keeps to the limits that have a price."""
    for examined in sorted(certificate.examined, key=lambda each: each.value)[:_RANGES]:
        found = _least_rate(examined, examined.rate / 2, examined.rate * _WIDEST, None, fits)
        if found is not None:
            rate, design = found
            yield design
            again = _least_rate(examined, rate / _WIDEST, rate, design.widths, fits)
            if again is not None:
                yield again[1]


def _least_rate(
    examined: Examined, low: float, high: float, lanes: dict[int, int] | None, fits: Callable[[Design], bool]
) -> tuple[float, Design] | None:
    """About the least rate from `low` to `high` at which the design fits. lanes: of the streams, where they are given."""
    best = None
    fixed: dict[tuple[int, ...], Relaxation] = {}
    for _ in range(_HALVINGS):
        rate = float(np.sqrt(low * high))
        design = _design(examined, examined.weights(np.array([rate])), lanes, fixed)
        if fits(design):
            best, high = (rate, design), rate
        else:
            low = rate
    return best


def _design(
    examined: Examined, weights: Weights, lanes: dict[int, int] | None, fixed: dict[tuple[int, ...], Relaxation]
) -> Design:
    relaxed = examined.relaxed
    menu = relaxed.menu
    chosen_lanes = relaxed.lanes(weights) if lanes is None else lanes
    key = tuple(chosen_lanes.values())
    if key not in fixed:
        allowed = {features: [width] for features, width in chosen_lanes.items()}
        fixed[key] = Relaxation(menu, relaxed.steps, allowed, relaxed.cycles, relaxed.prices)
    chosen = fixed[key].design(weights)
    return Design(chosen_lanes, chosen, menu.cost(chosen_lanes, chosen))
