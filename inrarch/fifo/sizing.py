"""Depths of the least cost that keep to a number of cycles and cannot deadlock, with a certified lower bound.

1. The schedule with unbounded FIFOs gives the cycles to keep to; when each access can happen in them at the earliest
   and at the latest bounds every depth from below and above (`bounds.py`).
2. Where all processes repeat one frame, a linear program over their delays gives a lower bound, and depths that nearly
   reach it (`frames.py`). Otherwise what unbounded FIFOs held is cut down (`shrink.py`).
3. A search by conflicts (`search.py`): the cheapest depths that keep all rules known so far are simulated; where they
   deadlock or are late, the reason is the next rule. It ends with the proven optimum, or at the time limit with the
   best depths so far and the certified bound of the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from inrarch.errors import UserError
from inrarch.fifo.bounds import Windows, windows
from inrarch.fifo.depths import Activity, Depths, LowerBound, cost
from inrarch.fifo.frames import Frames, frames
from inrarch.fifo.load import load, parse
from inrarch.fifo.memory import bram18
from inrarch.fifo.network import Network
from inrarch.fifo.objective import Objective, Price, price
from inrarch.fifo.question import OutOfTimeError, Question
from inrarch.fifo.search import Search
from inrarch.fifo.simulate import Simulation, Simulator
from inrarch.fifo.snapshots import Snapshots, spread_bound

LEAST_DEPTH = 2
"""No stream is made shallower: with one word a FIFO passes at most every other cycle."""

TIME_LIMIT_S = 30.0
"""Seconds of search by default."""


def solve(
    network: Network | Mapping[str, object] | Path | str,
    objective: str = "words",
    slack: float = 0.0,
    cycles: int | None = None,
    time_limit_s: float | None = TIME_LIMIT_S,
    costs: Price | None = None,
) -> Depths:
    """The cheapest depths (of at least `LEAST_DEPTH`) at which the network runs in few enough cycles.

    network: as loaded, or decoded JSON, or a path. objective: `words`, `bits` or `bram18`; with `costs`, a price of a
    FIFO by (depth, bits), any name for it. slack: the cycles may be those with unbounded FIFOs x (1 + slack); cycles:
    or this number. time_limit_s: None = search until the optimum is proven. Where the network is `sequential`, program
    order is free of deadlock, too. Deterministic, unless time runs out.

    Raises UserError where the network is invalid, deadlocks whatever the depths, or cannot be so fast.
    """
    return Solver(read_network(network)).solve(objective, slack, cycles, time_limit_s, costs)


def evaluate(network: Network, depths: Mapping[str, int]) -> tuple[Depths | None, Simulation]:
    """Simulate given depths: the filled-in `Depths`, or None where they deadlock; and the simulation that says so."""
    solver = Solver(network)
    run = solver.simulator.run(depths)
    if run.deadlock is None and network.sequential:
        sequential = solver.simulator.run_sequential(depths)
        if sequential.deadlock is not None:
            return None, sequential
    return (None if run.deadlock else solver.describe(depths, run, _trivial(network))), run


class Solver:
    """One network being sized."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.simulator = Simulator(network)
        self.unbounded = self.simulator.run(None)
        _refuse_deadlock(self.unbounded, "with unbounded FIFOs")
        if network.sequential:
            _refuse_deadlock(self.simulator.run_sequential(None), "in program order with unbounded FIFOs")

    def solve(
        self,
        objective: str,
        slack: float,
        cycles: int | None,
        time_limit_s: float | None,
        costs: Price | None,
        known: Iterable[Mapping[str, int]] = (),
    ) -> Depths:
        """See `solve`. known: depths to begin with, good or not."""
        each = price(objective, costs)
        limit = self.limit(slack, cycles)
        bounds = windows(self.network, limit, LEAST_DEPTH)
        if bounds is None:
            raise self._too_few(limit)
        goal = Objective(self.network, each, bounds.most, costs is None and objective in ("words", "bits"))
        question = Question(self.network, limit, time_limit_s)
        search = Search(question, goal, bounds.least, bounds.most)
        enough = self._enough(bounds)
        if limit >= (self.unbounded.cycles or 0):
            search.offer(enough)
        method = "each stream alone"
        try:
            program = frames(self.network, question.chains, bounds)
            method = "delays of frames" if program else "snapshots"
            guesses = self._prove(program, search, bounds)
            if search.found.depths is not None or question.good(enough):
                search.improve(enough, [*guesses, *known])
        except OutOfTimeError:
            pass
        found = search.run()
        search.spare_words()
        if found.depths is None:
            raise self._too_few(limit)
        total = goal.total(found.depths)
        optimal = found.bound >= total
        method += f", {found.rules} conflicts"
        bound = _bound(self.network, bounds, objective, found.bound, method)
        depths = self.describe(found.depths, self.simulator.run(found.depths), bound)
        return replace(
            depths,
            objective=objective,
            cost=total,
            bound=found.bound,
            slack=slack,
            limit=limit,
            gap=0.0 if optimal else (total - found.bound) / total,
            optimal=optimal,
            method=method,
        )

    def _prove(self, program: Frames | None, search: Search, bounds: Windows) -> list[dict[str, int]]:
        """Prove a lower bound before the search; depths that may be good."""
        if search.proven():
            return []
        question, goal = search.question, search.objective
        if program is None:
            bound, guesses = spread_bound(Snapshots(question.chains, bounds), goal, question.share)
            search.prove(bound)
            return guesses
        search.prove(program.bound(goal, bounds, question.share()))
        return program.guesses(goal.word_prices, bounds.least)

    def cost(self, objective: str, costs: Price | None, depths: Mapping[str, int]) -> int:
        """What depths cost."""
        each = price(objective, costs)
        return sum(each(depths[stream.name], stream.bits) for stream in self.network.streams)

    def limit(self, slack: float, cycles: int | None) -> int:
        """Cycles that are allowed."""
        assert self.unbounded.cycles is not None
        if cycles is not None:
            return cycles
        if slack < 0:
            raise UserError(f"slack is {slack}", place="fifo", expected="a number of at least 0")
        return int(self.unbounded.cycles * (1 + slack))

    def _enough(self, bounds: Windows) -> dict[str, int]:
        """What each FIFO held without bounds; good unless fewer cycles are asked for."""
        held = dict(self.unbounded.high_water)
        if self.network.sequential:
            in_order = self.simulator.run_sequential(None).high_water
            held = {name: max(count, in_order[name]) for name, count in held.items()}
        return {name: max(bounds.least[name], count) for name, count in held.items()}

    def describe(self, depths: Mapping[str, int], run: Simulation, bound: LowerBound) -> Depths:
        """The result with its cost; `run` is the (finished) simulation of these depths."""
        assert run.cycles is not None
        assert self.unbounded.cycles is not None
        memory = cost(self.network, depths)
        return Depths(
            depths=dict(depths),
            cycles=run.cycles,
            unbounded_cycles=self.unbounded.cycles,
            words=memory.words,
            bits=memory.bits,
            bram18=memory.bram18,
            lower_bound=bound,
            deadlock_free=True,
            high_water=run.high_water,
            processes={
                name: Activity(run.finish[name], sum(waits.values()), waits) for name, waits in run.waits.items()
            },
        )

    def _too_few(self, limit: int) -> UserError:
        return UserError(
            f"no depths found with which the network runs in {limit:,} cycles",
            place="fifo",
            expected=f"at least about the {self.unbounded.cycles:,} cycles of unbounded FIFOs",
            hint="allow more cycles",
        )


def _trivial(network: Network) -> LowerBound:
    bits = sum(stream.bits for stream in network.streams)
    return LowerBound(len(network.streams), bits, 0, "one word per stream")


def _bound(network: Network, bounds: Windows, objective: str, found: int, method: str) -> LowerBound:
    """Each stream by itself, and for the objective what the search proved."""
    alone = {
        "words": sum(bounds.least.values()),
        "bits": sum(bounds.least[stream.name] * stream.bits for stream in network.streams),
        "bram18": sum(bram18(bounds.least[stream.name], stream.bits) for stream in network.streams),
    }
    if objective in alone:
        alone[objective] = max(alone[objective], found)
    how = f"{objective}: {method}; others: each stream alone, at least {LEAST_DEPTH} words"
    return LowerBound(alone["words"], alone["bits"], alone["bram18"], how)


def read_network(source: Network | Mapping[str, object] | Path | str) -> Network:
    """A network as it is, from its decoded JSON, or from a file. Raises UserError."""
    if isinstance(source, Network):
        return source
    return load(Path(source)) if isinstance(source, (str, Path)) else parse(dict(source))


def _refuse_deadlock(run: Simulation, circumstance: str) -> None:
    if run.deadlock is not None:
        raise UserError(
            f"the network deadlocks {circumstance}",
            expected="a network that some depths let finish",
            excerpt=run.deadlock.text(),
            hint="a process reads, directly or through others, what it has not yet written",
        )
