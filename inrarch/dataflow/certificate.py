"""Lower bounds of what a goal can reach: how near a design is to the best that the units' choices allow.

Designs are told apart by their row time T, in ranges. In a range, an invocation takes at least (rows - 1) times its
begin, and the first row as long as its tokens need on one way through the network (`inrarch.dataflow.relaxation`). That
resources are limited, or the time, or that the scarcest resource counts, is priced in at the rates that make the bound
the largest (Lagrangian relaxation). The least value over all ranges is the bound: the range that has it is halved until
it says enough (branch and bound; A. Land, A. Doig, Econometrica 28, 1960).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np

from inrarch.dataflow.bounds import Bounds
from inrarch.dataflow.goals import Area, Energy, Goal, Reals, share
from inrarch.dataflow.landscape import FIRST, LAST, SEEN
from inrarch.dataflow.relaxation import Examined, Relaxation
from inrarch.dataflow.relaxed_units import ImpossibleError, Weights
from inrarch.dataflow.resources import KINDS, Cost
from inrarch.dataflow.ways import common, steps_of, tokens

_EXAMINED = 12
"""Ranges that are looked at closely."""
_ENOUGH = 0.01
"""A gap that is not made smaller."""
_NARROW = 1.03
"""A range of row times that are about equal."""
_COMPARED = 3
"""Of them in which all ways are followed."""
_AROUND = np.array([0, 0.25, 0.5, 1, 2, 4])
_NEAR = np.geomspace(0.7, 1.4, 5)
_MOVES = 3
_SLIGHT = 1e-3
"""The rate for designs where nothing has a price, in terms of the first one."""
_STEPS = 6
_DSP = KINDS.index("dsp")


class Certificate:
    """way: of tokens through the network, from a source to a sink, as (position of the unit, which of its delays).

    low, high: row times of designs that are looked at. reached: the value of a design.
    """

    def __init__(
        self, bounds: Bounds, goal: Goal, way: Sequence[tuple[int, int]], low: int, high: int, reached: float
    ) -> None:
        self.bounds, self.menu, self.goal = bounds, bounds.menu, goal
        self.low, self.high, self.reached = low, high, reached
        self.rows = self.menu.facts.rows
        steps = steps_of(self.menu.units, way, self.rows)
        self.ways = [tokens(steps, LAST), steps, tokens(steps, FIRST)]
        self.common = common(self.menu.units, steps)
        self._way, self._lowest, self._compared = self.ways[0], math.inf, 0
        self.examined: list[Examined] = []
        self._prices = cache(goal.prices)
        self._rate: dict[str, float] = {}

    def bound(self) -> float:
        """No design has a smaller value than this."""
        limits = self.goal.limits
        least = self.bounds.row_time(self.low, self.high, limits.budget, ("dsp",))
        low = self.low if least is None else least
        high = self.high if limits.row_cycles is None else min(self.high, limits.row_cycles)
        waiting = [(self._glance(*each), False, *each) for each in self.bounds.ranges(low, high)]
        heapq.heapify(waiting)
        left = _EXAMINED
        while waiting:
            value, known, begin, end = heapq.heappop(waiting)
            done = known and (begin == end or value >= self.reached / (1 + _ENOUGH))
            if done or value >= self.reached or not left:
                return value
            if known or end > 2 * begin:
                self.examined = [each for each in self.examined if each.end != end]
                middle = max(begin, math.isqrt(begin * end))
                for part in ((begin, middle), (middle + 1, end)):
                    if part[0] <= part[1]:
                        heapq.heappush(waiting, (max(value, self._glance(*part)), False, *part))
            else:
                left -= 1
                heapq.heappush(waiting, (max(value, self._in_range(begin, end)), True, begin, end))
        return 0.0

    def _glance(self, begin: int, end: int) -> float:
        """A quick bound for designs whose row time is from `begin` to `end`."""
        limits, rows = self.goal.limits, (self.rows - 1) * begin
        if limits.cycles is not None and rows > limits.cycles:
            return math.inf
        if isinstance(self.goal, Area):
            cost = self.bounds.resources(end)
            return math.inf if cost is None else share(cost, limits.whole)
        if isinstance(self.goal, Energy):
            return self.goal.fixed[0] + self.goal.fixed[1] * rows
        return float(rows)

    def begun(self, examined: Examined) -> Examined:
        """The least row times of a range, as a range of their own."""
        end, count = min(examined.end, int(examined.begin * _NARROW)), len(self.examined)
        if end < examined.end:
            self._in_range(examined.begin, end)
        return self.examined.pop() if len(self.examined) > count else examined

    def _in_range(self, begin: int, end: int) -> float:
        """The bound for designs whose row time is from `begin` to `end`."""
        allowed = self.menu.widths(end)
        assert allowed is not None  # the glance was finite
        found = []
        for steps in self.ways:
            try:
                relaxed = Relaxation(self.menu, steps, allowed, end, self._prices)
            except ImpossibleError:
                return math.inf
            if relaxed.shortest > SEEN:
                found.append((self._on_way(relaxed, begin, end), steps))
        if not found:  # every way has a delay that not all choices have
            return self._glance(begin, end)
        best, steps = max(found, key=lambda each: each[0].value)
        best = replace(best, begin=begin)
        if self.common is not None:  # the slowest unit may be on another way
            other = self._on_way(Relaxation(self.menu, self.common, allowed, end, self._prices), begin, end)
            best = replace(best, value=min(best.value, other.value))
        self.examined.append(best)
        if best.value < self._lowest:
            self._lowest, self._way = best.value, steps
        self._compared += 1
        if self._compared == _COMPARED:
            self.ways = [self._way]
        return best.value

    def _on_way(self, relaxed: Relaxation, begin: int, end: int) -> Examined:
        streams = self.bounds.streams(end)
        base = (self.rows - 1) * begin + relaxed.hops
        if isinstance(self.goal, Area):
            return self._area(relaxed, base, streams)
        cycles = self._cycles(relaxed, base, streams)
        return self._energy(relaxed, base, streams, cycles.value) if isinstance(self.goal, Energy) else cycles

    def _cycles(self, relaxed: Relaxation, base: int, streams: Cost) -> Examined:
        limit = self.goal.limits.budget.dsp - streams.dsp

        def weights(rates: Reals) -> Weights:
            return Weights.of(dsp=rates, cycle=np.ones_like(rates))

        quick = isinstance(self.goal, Energy)
        return self._largest("cycles", relaxed, weights, base, limit, base / max(limit, 1), quick)

    def _energy(self, relaxed: Relaxation, base: int, streams: Cost, cycles: float) -> Examined:
        """joules = once + per_cycle * cycles, of which the product is at least its tangent at the least of both."""
        assert isinstance(self.goal, Energy)
        once, static = self.goal.fixed
        limit = self.goal.limits.budget.dsp - streams.dsp
        held = float(relaxed.least(Weights.of(per_cycle=np.ones(1)))[0])

        def weights(rates: Reals) -> Weights:
            every = np.ones_like(rates)
            return Weights.of(dsp=rates, once=every, per_cycle=cycles * every, cycle=(static + held) * every)

        fixed = once + (static + held) * base - held * cycles
        return self._largest("energy", relaxed, weights, fixed, limit, self.reached / max(limit, 1))

    def _area(self, relaxed: Relaxation, base: int, streams: Cost) -> Examined:
        """The least share of the board's scarcest resource: no less than any weighted mean of the shares."""
        limits = self.goal.limits
        whole = np.array([max(limits.whole.of(kind), 1) for kind in KINDS], dtype=float)
        own = np.array([streams.of(kind) for kind in KINDS], dtype=float)
        mixtures = _mixtures(len(KINDS)) / whole
        plain = relaxed.alone(mixtures) + mixtures @ own
        scarce = mixtures[int(plain.argmax())]
        ways = {"mixed": scarce, "dsp": np.eye(len(KINDS))[_DSP] / whole}
        late = 0 if limits.cycles is None else limits.cycles - base
        if limits.cycles is None:
            ways.pop("dsp")
        found = []
        for name, mixture in ways.items():

            def weights(rates: Reals, mixture: Reals = mixture) -> Weights:
                numbers = np.concatenate((np.tile(mixture, (len(rates), 1)), np.zeros((len(rates), 2))), axis=1)
                return Weights(numbers, rates)

            scale = self.reached / (limits.cycles or base)
            found.append(self._largest(name, relaxed, weights, float(mixture @ own), late, scale))
        return max(found, key=lambda each: each.value)

    def _largest(
        self,
        name: str,
        relaxed: Relaxation,
        weights: Callable[[Reals], Weights],
        fixed: float,
        limit: float,
        scale: float,
        quick: bool = False,
    ) -> Examined:
        """The largest of fixed + least sum - rate * limit at any rate, from the rate on that was the best before.

        quick: next to that alone.
        """

        def values(around: Reals) -> tuple[float, int]:
            rates = rate * around
            found = fixed + relaxed.least(weights(rates)) - rates * limit
            return float(found.max()), int(found.argmax())

        rate, at = self._rate.get(name, scale / 8), 1
        best = -math.inf
        for _ in range(0 if quick and name in self._rate else _MOVES):
            best, at = values(_AROUND)
            if not at:  # nothing has a price
                rate = scale * _SLIGHT
                break
            rate *= float(_AROUND[at])
            if at < len(_AROUND) - 1 and at > 1:
                break
        if at:
            closer, at = values(_NEAR)
            best, rate = max(best, closer), rate * float(_NEAR[at])
            self._rate[name] = rate
        rows = (self.rows - 1) * relaxed.cycles + relaxed.hops
        return Examined(relaxed.cycles, relaxed.cycles, rows, best, relaxed, weights, rate)


@cache
def _mixtures(count: int) -> Reals:
    """Weights of `count` numbers that sum to 1, in steps of 1/_STEPS: [mixtures, count]."""
    cuts = combinations(range(_STEPS + count - 1), count - 1)
    parts = [np.diff([-1, *cut, _STEPS + count - 1]) - 1 for cut in cuts]
    return np.array(parts, dtype=float) / _STEPS
