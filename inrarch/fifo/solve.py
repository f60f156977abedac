"""Depths that cost no cycle and cannot deadlock: correct and simple, not minimal overall.

1. The schedule with unbounded FIFOs gives the cycles to keep, and its occupancies are depths that keep them.
2. Those depths are cut off at 2, 4, 8, … words, the first that is enough. From there, as many streams as possible are
   set to 2, whole halves at a time.
3. Every other stream is shrunk by bisection, the others held, until one word less anywhere costs a cycle or deadlocks.

Above depth 2 more words never cost cycles (every constraint only loosens), so bisection is exact there; a stream at
depth 2 has a read latency one cycle less than a deeper one, so 2 is always tried by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from inrarch.errors import UserError
from inrarch.fifo.depths import Activity, Depths, LowerBound, cost
from inrarch.fifo.load import load, parse
from inrarch.fifo.network import Network
from inrarch.fifo.simulate import Simulation, Simulator

LEAST_DEPTH = 2
"""No stream is made shallower: with one word a FIFO passes at most every other cycle."""


def solve(network: Network | Mapping[str, object] | Path | str) -> Depths:
    """Depths at which the network runs in as many cycles as with unbounded FIFOs; deterministic.

    network: as loaded, or decoded JSON, or a path. No stream can be made one word shallower (above `LEAST_DEPTH`)
    without losing cycles or deadlock. Where the network is `sequential`, program order is free of deadlock, too.

    Raises UserError where the network is invalid or deadlocks whatever the depths.
    """
    return Solver(_network(network)).solve()


def evaluate(network: Network, depths: Mapping[str, int]) -> tuple[Depths | None, Simulation]:
    """Simulate given depths: the filled-in `Depths`, or None where they deadlock; and the simulation that says so."""
    solver = Solver(network)
    run = solver.simulator.run(depths)
    if run.deadlock is None and network.sequential:
        sequential = solver.simulator.run_sequential(depths)
        if sequential.deadlock is not None:
            return None, sequential
    return (None if run.deadlock else solver.describe(depths, run)), run


class Solver:
    """One network being sized."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.simulator = Simulator(network)
        self.unbounded = self.simulator.run(None)
        self._feasible = {name: max(LEAST_DEPTH, held) for name, held in self.unbounded.high_water.items()}
        _refuse_deadlock(self.unbounded, "with unbounded FIFOs")
        if network.sequential:
            sequential = self.simulator.run_sequential(None)
            _refuse_deadlock(sequential, "in program order with unbounded FIFOs")
            for name, held in sequential.high_water.items():
                self._feasible[name] = max(self._feasible[name], held)

    def solve(self) -> Depths:
        """See `solve`."""
        depths, cap = dict.fromkeys(self._feasible, LEAST_DEPTH), LEAST_DEPTH
        while not self.is_feasible(depths):
            cap *= 2
            depths = {name: min(held, cap) for name, held in self._feasible.items()}
        depths = self._shrink(self._at_least(depths, list(depths)))
        return self.describe(depths, self.simulator.run(depths))

    def is_feasible(self, depths: Mapping[str, int]) -> bool:
        """Whether these depths lose no cycle and deadlock in neither order."""
        cycles = self.simulator.run(depths).cycles
        assert self.unbounded.cycles is not None
        if cycles is None or cycles > self.unbounded.cycles:
            return False
        return not self.network.sequential or self.simulator.run_sequential(depths).deadlock is None

    def describe(self, depths: Mapping[str, int], run: Simulation) -> Depths:
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
            lower_bound=LowerBound(
                len(self.network.streams), sum(each.bits for each in self.network.streams), 0, "one word per stream"
            ),
            deadlock_free=True,
            high_water=run.high_water,
            processes={
                name: Activity(run.finish[name], sum(waits.values()), waits) for name, waits in run.waits.items()
            },
        )

    def _at_least(self, depths: dict[str, int], names: list[str]) -> dict[str, int]:
        """Set as many of `names` to the least depth as possible, by halves; `depths` is feasible and stays so."""
        names = [name for name in names if depths[name] > LEAST_DEPTH]
        if not names:
            return depths
        trial = depths | dict.fromkeys(names, LEAST_DEPTH)
        if self.is_feasible(trial):
            return trial
        if len(names) == 1:
            return depths
        middle = len(names) // 2
        return self._at_least(self._at_least(depths, names[:middle]), names[middle:])

    def _shrink(self, depths: dict[str, int]) -> dict[str, int]:
        """Bisect every stream above the least depth until a pass changes nothing; `depths` is feasible and stays so."""
        changed = True
        while changed:
            before = depths
            for name in depths:
                if depths[name] > LEAST_DEPTH:
                    depths = depths | {name: self._least(depths, name)}
            changed = depths != before
        return depths

    def _least(self, depths: dict[str, int], name: str) -> int:
        if not self.is_feasible(depths | {name: depths[name] - 1}):
            return depths[name]
        if self.is_feasible(depths | {name: LEAST_DEPTH}):
            return LEAST_DEPTH
        low, high = LEAST_DEPTH, depths[name] - 1
        while high - low > 1:
            middle = (low + high) // 2
            if self.is_feasible(depths | {name: middle}):
                high = middle
            else:
                low = middle
        return high


def _network(source: Network | Mapping[str, object] | Path | str) -> Network:
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
