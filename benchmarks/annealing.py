"""Simulated annealing over FIFO depths, as a baseline: what FIFOAdvisor (2025) does, in our own words.

Depths move on a grid per stream: the least depth, then steps of about a quarter, up to what the stream holds with
unbounded FIFOs. A move takes one stream, or all streams of a group of equal names but for their numbers (arrays), up
or down by one to four places of its grid, or to its least depth. What is judged is the cost, times one plus a penalty
for every cycle too many; a deadlock is never accepted. The temperature falls geometrically over the time given.
"""

from __future__ import annotations

import math
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from inrarch.fifo.network import Network
from inrarch.fifo.simulate import Simulator

HOT, COLD = 0.05, 0.0005
"""Temperatures at the start and at the end, relative to the cost of the start."""

PENALTY = 20.0
"""Cost of a run that takes twice the cycles allowed, relative to one that keeps to them."""


@dataclass(frozen=True, slots=True)
class Annealed:
    """The cheapest depths that lose no cycle, and how many simulations were made."""

    depths: dict[str, int]
    simulations: int


def anneal(
    network: Network,
    cycles: int,
    cost: Callable[[Mapping[str, int]], int],
    seconds: float,
    *,
    seed: int = 0,
    least: int = 2,
    simulator: Simulator | None = None,
    most: int | None = None,
) -> Annealed:
    """Depths with at most `cycles` cycles. `seconds` of wall clock, or `most` simulations if that is less."""
    simulator, rng = simulator or Simulator(network), random.Random(seed)
    held = simulator.run(None).high_water
    grids = {name: _grid(least, words) for name, words in held.items()}
    place = {name: len(grid) - 1 for name, grid in grids.items()}
    groups = _groups([name for name, grid in grids.items() if len(grid) > 1])

    def depths() -> dict[str, int]:
        return {name: grids[name][number] for name, number in place.items()}

    best = depths()
    whole = value = least_cost = float(cost(best))
    start, runs = time.perf_counter(), 0
    while groups and (most is None or runs < most):
        spent = time.perf_counter() - start
        if spent >= seconds:
            break
        passed = spent / seconds if most is None else runs / most
        heat = whole * HOT * (COLD / HOT) ** passed
        names = rng.choice(groups)
        if len(names) > 1 and rng.random() < 0.7:
            names = [rng.choice(names)]
        before = {name: place[name] for name in names}
        step = None if rng.random() < 0.2 else rng.choice([-4, -3, -2, -1, -1, 1, 2])
        for name in names:
            place[name] = 0 if step is None else min(max(place[name] + step, 0), len(grids[name]) - 1)
        if all(place[name] == before[name] for name in names):
            continue
        trial = depths()
        runs += 1
        taken = simulator.cycles(trial)
        judged = math.inf if taken is None else cost(trial) * (1 + PENALTY * max(0, taken / cycles - 1))
        if judged <= value or rng.random() < math.exp((value - judged) / heat):
            value = judged
            if taken is not None and taken <= cycles and judged < least_cost:
                best, least_cost = trial, judged
        else:
            place.update(before)
    return Annealed(best, runs)


def _grid(least: int, most: int) -> list[int]:
    grid = [least]
    while grid[-1] < most:
        grid.append(min(most, max(grid[-1] + 1, grid[-1] * 5 // 4)))
    return grid


def _groups(names: list[str]) -> list[list[str]]:
    """Streams whose names differ in numbers only."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(re.sub(r"\d+", "#", name), []).append(name)
    return list(groups.values())
