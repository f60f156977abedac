"""Bounds and good depths of networks whose processes all repeat one frame: a linear program over their delays.

The delay of a process at a time t is t less the last stage that it has completed, or could have if it had one there.
It never falls, and grows by one in every cycle that the process waits. Let P be the stages of a frame. For a stream of
depth D from p to q with n words per frame, let F(x) be the most words that it holds if the reader is x cycles behind
its stages, and X the least x at which every word is read in time. Then, at all times t (in the middle of the run):

1. D >= F(delay_q(t) - delay_p(t + 2P)), if p waits for less than P - 1 cycles: a frame of words is written in between.
2. delay_q(t + 2P) - delay_p(t) >= X: a frame of words is written in between, and read or waited for.
3. D >= words written by t - words read before t; words read by t <= words written by t - latency.

Averages over K frames, with lines below F (Jensen's inequality), satisfy a linear program in delays and depths: 1 and 2
at t = 0, P, 2P, ...; 3 at all t, where a count is n / P x stage + its average over a frame, but for the cycles in which
the process waits. How much it waits in all, and so the error of each average, is bounded by the earliest and the latest
schedule (`bounds.py`). The optimum is therefore a certified lower bound. Without waits, and with F itself, whole delays
of the program are a schedule, and its depths are good. The program is the balancing of a graph of unit rate (Leiserson
and Saxe, Algorithmica 6, 1991) with rates, bursts and a finite run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from inrarch.fifo.bounds import Windows
from inrarch.fifo.chains import Chains
from inrarch.fifo.frame_parts import Link, delays, link_of
from inrarch.fifo.highs import Linear, whole
from inrarch.fifo.hull import Line, lines_below
from inrarch.fifo.memory import REGISTER_WORDS
from inrarch.fifo.network import Network, Repeat
from inrarch.fifo.objective import Objective

LAG = 2
"""Frames between the two times of a rule."""


@dataclass(frozen=True, slots=True)
class Frames:
    """The program of one network. low, high: average delay of each process; waits: cycles that it can wait in all.

    whole_low, whole_high: delays that are possible all the time. count: frames that are averaged over.
    """

    names: list[str]
    links: list[Link]
    period: int
    count: int
    low: list[float]
    high: list[float]
    waits: list[int]
    whole_low: list[int]
    whole_high: list[int]

    def bound(self, goal: Objective, bounds: Windows, seconds: float | None = None) -> int:
        """No good depths cost less; 0 where time runs out."""
        program, least = Linear(), bounds.least
        delays = [program.column(0, low, high) for low, high in zip(self.low, self.high, strict=True)]
        samples = [
            program.column(0, low - waits / self.count, high)
            for low, high, waits in zip(self.low, self.high, self.waits, strict=True)
        ]
        for delay, sample, waits in zip(delays, samples, self.waits, strict=True):
            # The average over all times against the one over the starts of frames.
            program.row({delay: 1, sample: -1}, 0)
            program.row({sample: 1, delay: -1}, -waits / self.count)
        for name, link in zip(self.names, self.links, strict=True):
            depth = goal.column(program, name, least[name], bounds.most[name])
            if link.writer != link.reader:
                self._at_starts(program, link, depth, samples, least[name])
                self._at_all_times(program, link, depth, delays)
        return whole(program.solve(seconds)[0])

    def guesses(self, prices: Mapping[str, int], least: Mapping[str, int]) -> list[dict[str, int]]:
        """Depths that may be good: of schedules without waits, first with registers, then with memories where deep."""
        result: list[dict[str, int]] = []
        deep: set[str] = set()
        while True:
            depths = self.depths(prices, least, deep)
            if depths is None or depths in result:
                return result
            result.append(depths)
            deep |= {name for name, depth in depths.items() if depth > REGISTER_WORDS}

    def _at_starts(self, program: Linear, link: Link, depth: int, samples: list[int], least: int) -> None:
        """Rules 1 and 2."""
        p, q = link.writer, link.reader
        program.row({samples[q]: 1, samples[p]: -1}, link.soonest - LAG * self.waits[q] / self.count)
        if self.waits[p] >= self.period - 1:
            return
        error = LAG * self.waits[p] / self.count
        first = int(np.floor(self.low[q] - self.high[p] - error - self.waits[q] / self.count)) - 1
        last = max(first + 1, int(np.ceil(self.high[q] - self.low[p] + self.waits[p] / self.count)) + 1)
        for slope, at_zero in _lines(link, least, first, last):
            if slope > 0:
                row = {depth: 1.0, samples[q]: -slope, samples[p]: slope}
                program.row(row, at_zero - slope * error)

    def _at_all_times(self, program: Linear, link: Link, depth: int, delays: list[int]) -> None:
        """Rule 3."""
        p, q = link.writer, link.reader
        cycles, rate = self.count * self.period, link.words / self.period

        def error(stray: float, process: int, partial: float) -> float:
            # A frame that is not whole, and all cycles of waiting, at the worst; a stage that is partly done counts.
            return (stray * (self.waits[process] + self.period) + partial * self.waits[process]) / cycles

        def shift(by: int, process: int) -> float:
            # How much later an average over times that are `by` later is, in stages.
            return by * (1 - (self.waits[process] + by) / cycles)

        held = link.held_on_average + rate * shift(1, q)
        held -= error(link.writes_below, p, 0) + error(link.reads_above, q, rate)
        program.row({depth: 1.0, delays[q]: -rate, delays[p]: rate}, held)
        behind = rate * shift(link.latency, p) - link.held_on_average
        behind -= error(link.writes_above, p, rate) + error(link.reads_below, q, 0)
        program.row({delays[q]: rate, delays[p]: -rate}, behind)

    def depths(self, prices: Mapping[str, int], least: Mapping[str, int], deep: set[str]) -> dict[str, int] | None:
        """Depths of a schedule without waits in between, the streams in `deep` as memories; None where none fits."""
        program = Linear()
        delays = [program.column(0, low, high) for low, high in zip(self.whole_low, self.whole_high, strict=True)]
        for name, link in zip(self.names, self.links, strict=True):
            p, q = link.writer, link.reader
            depth = program.column(prices[name], least[name])
            if p == q:
                continue
            soonest = link.soonest + (name in deep and link.registers)
            program.row({delays[q]: 1, delays[p]: -1}, soonest)
            last = max(soonest + 1, self.whole_high[q] - self.whole_low[p] + 1)
            for slope, at_zero in _lines(link, least[name], soonest, last):
                if slope > 0:
                    program.row({depth: 1.0, delays[q]: -slope, delays[p]: slope}, at_zero)
        solved = program.solve()[1]
        if solved is None:
            return None
        delay = [round(solved[column]) for column in delays]
        return {
            name: max(least[name], link.of(delay[link.reader] - delay[link.writer]))
            for name, link in zip(self.names, self.links, strict=True)
        }


def frames(network: Network, chains: Chains, bounds: Windows) -> Frames | None:
    """None where the processes do not all repeat one frame often enough."""
    period, count = _frame(network)
    if period == 0 or any(len(stage) < 2 for stage in chains.stage):
        return None
    sides = [delays(chains, bounds, number, period) for number in range(len(network.processes))]
    first = max((side.start for side in sides), default=0)
    last = min((side.end for side in sides), default=0) - LAG
    if last - first < 2:
        return None
    links = []
    for number, stream in enumerate(network.streams):
        link = link_of(chains, number, period, count, stream.latency)
        if link is None:
            return None
        links.append(link)
    return Frames(
        names=[stream.name for stream in network.streams],
        links=links,
        period=period,
        count=last - first,
        low=[float(side.low[first:last].mean()) for side in sides],
        high=[float(side.high[first + 1 : last + 1].mean()) for side in sides],
        waits=[int(side.high[last + LAG] - side.low[first]) for side in sides],
        whole_low=[int(side.low[first : last + 1].max()) for side in sides],
        whole_high=[int(side.high[first : last + 1].min()) for side in sides],
    )


def _frame(network: Network) -> tuple[int, int]:
    """Stages and number of the frames; 0 where there is none in common."""
    found = {
        (item.every, item.count) if isinstance(item, Repeat) and len(process.schedule) == 1 else (0, 0)
        for process in network.processes
        for item in process.schedule
    }
    return found.pop() if len(found) == 1 else (0, 0)


def _lines(link: Link, least: int, first: int, last: int) -> list[Line]:
    """Below F, and `least` where that is more, from `first` to `last`."""
    behind = range(first, last + 1)
    return lines_below(np.array(behind), np.array([max(least, link.of(x)) for x in behind]))
