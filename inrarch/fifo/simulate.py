"""Exact event simulation of a process network: cycles, waits, high-water marks, and why it deadlocks (DESIGN.md 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inrarch.errors import UserError
from inrarch.fifo import native
from inrarch.fifo.core import BLOCKED, DEADLOCK, DONE, FINISHED, Core, Plans, Position
from inrarch.fifo.deadlock import Deadlock, Standing, explain
from inrarch.fifo.interpreted import InterpretedCore
from inrarch.fifo.network import Network
from inrarch.fifo.periodic import FOREVER, Watch
from inrarch.fifo.pieces import Integers
from inrarch.fifo.plan import PORT_MASK, Order, in_program_order, in_stage_order

LOOK_AFTER = 1024
"""Cycles before the first look for a periodic regime."""
AT_ONCE = 100_000
"""Networks of up to so many accesses are run without looking for one."""
MOST_TIMES = 100_000_000
"""Accesses whose times are kept at once."""
_REMEMBERED = 8  # finished runs
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Simulation:
    """What one run of a network did.

    cycles: 1 + the latest access (or declared end); None where it deadlocks. deadlock: None where it does not.
    high_water: most words held by each stream = the least depth that would not have changed this run.
    finish: cycles until each process was done (until it stood still, in a deadlock).
    waits: by process, the cycles that it waited on each stream, for streams that it waited on.
    accesses: how many were made. periods: how many periods were left out (`inrarch.fifo.periodic`).
    """

    cycles: int | None
    deadlock: Deadlock | None
    high_water: Mapping[str, int]
    finish: Mapping[str, int]
    waits: Mapping[str, Mapping[str, int]]
    accesses: int
    periods: int = 0


class Simulator:
    """A network prepared once, to be run at many depths.

    Memory: 8 bytes per access of what is not a loop, and what the FIFOs hold. The two choices change no number but
    `Simulation.periods`. compiled: with the inner loop in C++; None = where g++ is there. periodic: leave out periods;
    None = in networks of more than `AT_ONCE` accesses.

    Raises UserError where a schedule cannot be kept as loops and is too long to be unrolled (`inrarch.fifo.plan`), or
    where it shall be compiled and cannot.
    """

    def __init__(self, network: Network, *, compiled: bool | None = None, periodic: bool | None = None) -> None:
        self.network = network
        self._options = (compiled, periodic)
        self._pipelined = _Prepared(network, in_stage_order, *self._options)
        self._sequential: _Prepared | None = None

    def run(self, depths: Mapping[str, int] | None) -> Simulation:
        """The exact schedule of the pipelined network with FIFOs of these depths; None = unbounded.

        Raises KeyError when a stream has no depth.
        """
        return self._pipelined.run(depths)

    def cycles(self, depths: Mapping[str, int] | None, at_most: int | None = None) -> int | None:
        """Cycles with FIFOs of these depths (None = unbounded), without the other figures of `run`.

        None where it deadlocks or, if given, takes more than `at_most` cycles (the run stops there).
        Raises KeyError when a stream has no depth.
        """
        return self._pipelined.cycles(depths, at_most)

    def times(self, depths: Mapping[str, int] | None) -> dict[str, tuple[Integers, Integers]]:
        """The cycle of every write and of every read of each stream, int64; those made, where it deadlocks.

        Memory: up to 24 bytes per access. Raises UserError above `MOST_TIMES` accesses.
        """
        return self._pipelined.times(depths)

    def run_sequential(self, depths: Mapping[str, int] | None) -> Simulation:
        """All accesses in program order, one per cycle and process: what unpipelined software does.

        Its deadlock is exact (it depends on the order of accesses alone); its times mean nothing.
        """
        return self._in_program_order().run(depths)

    def deadlocks_sequentially(self, depths: Mapping[str, int] | None) -> bool:
        """Whether `run_sequential` deadlocks, without the other figures."""
        return self._in_program_order().cycles(depths, None) is None

    def forget(self) -> None:
        """Let the next run be a run, also where an earlier one with other depths says what comes out."""
        for prepared in (self._pipelined, self._sequential):
            if prepared is not None:
                prepared.known.clear()

    def _in_program_order(self) -> _Prepared:
        if self._sequential is None:
            self._sequential = _Prepared(self.network, in_program_order, *self._options)
        return self._sequential


class _Prepared:
    """A network with one order of accesses."""

    def __init__(self, network: Network, order: Order, compiled: bool | None, periodic: bool | None) -> None:
        self._network, self._order = network, order
        self._index = {stream.name: number for number, stream in enumerate(network.streams)}
        plans = [order(process, self._index) for process in network.processes]
        words = [network.words[stream.name] for stream in network.streams]
        self._plans = Plans.of(plans, words)
        # In program order nothing follows the last access.
        self._rest = np.array([plan.rest if order is in_stage_order else 0 for plan in plans], dtype=np.int64)
        self._core = _core(self._plans, compiled)
        self.known: list[_Known] = []
        self._accesses = 2 * sum(words)
        self._periodic = self._accesses > AT_ONCE if periodic is None else periodic

    def run(self, depths: Mapping[str, int] | None) -> Simulation:
        """See `Simulator.run`."""
        vector, lags = self._vectors(depths)
        known = self._same(vector, lags)
        if known is not None:
            return known
        status, periods = self._advance(depths, FOREVER, figures=True)
        position = self._core.position()
        streams, processes = self._network.streams, self._network.processes
        finish = self._finish(position).tolist()
        waits: dict[str, dict[str, int]] = {process.name: {} for process in processes}
        for port in np.flatnonzero(position.waited).tolist():
            stream = streams[port // 2].name
            mine = waits[(self._network.writers if port % 2 else self._network.readers)[stream]]
            mine[stream] = mine.get(stream, 0) + int(position.waited[port])
        result = Simulation(
            cycles=max(finish, default=0) if status == FINISHED else None,
            deadlock=self._explain(position) if status == DEADLOCK else None,
            high_water=dict(zip(self._index, self._core.high().tolist(), strict=True)),
            finish={process.name: finish[number] for number, process in enumerate(processes)},
            waits=waits,
            accesses=int(position.count.sum()),
            periods=periods,
        )
        if status == FINISHED:
            finished = _Known(_bounded(vector), lags, self._core.high().copy(), position.waited[1::2] > 0, result)
            self.known = [*self.known[-_REMEMBERED + 1 :], finished]
        return result

    def _same(self, vector: Integers, lags: Integers) -> Simulation | None:
        """A run with other depths that these would not have changed, if one is remembered."""
        bounded = _bounded(vector)
        return next((known.result for known in reversed(self.known) if known.holds(bounded, lags)), None)

    def cycles(self, depths: Mapping[str, int] | None, at_most: int | None) -> int | None:
        """See `Simulator.cycles`."""
        known = self._same(*self._vectors(depths))
        if known is not None:
            return known.cycles if at_most is None or (known.cycles or 0) <= at_most else None
        status, _ = self._advance(depths, FOREVER if at_most is None else max(0, at_most), figures=False)
        if status != FINISHED:
            return None
        cycles = int(self._finish(self._core.position()).max(initial=0))
        return cycles if at_most is None or cycles <= at_most else None

    def times(self, depths: Mapping[str, int] | None) -> dict[str, tuple[Integers, Integers]]:
        """See `Simulator.times`."""
        if self._accesses > MOST_TIMES:
            raise UserError(
                f"the network makes {self._accesses:,} accesses, too many to keep the time of each",
                expected=f"at most {MOST_TIMES:,}",
                hint="describe fewer rows",
            )
        self._core.reset(*self._vectors(depths), figures=False, keep=True)
        self._core.advance(FOREVER)
        core = self._core
        return {name: (core.times(2 * number + 1), core.times(2 * number)) for name, number in self._index.items()}

    def _advance(self, depths: Mapping[str, int] | None, until: int, *, figures: bool) -> tuple[int, int]:
        """What `Core.advance` says in the end, and the number of periods left out."""
        vector, lags = self._vectors(depths)
        self._core.reset(vector, lags, figures=figures, keep=False)
        if not self._periodic:
            return self._core.advance(until), 0
        watch = Watch(self._core, self._plans, vector, first=LOOK_AFTER)
        return watch.run(until), watch.periods

    def _vectors(self, depths: Mapping[str, int] | None) -> tuple[Integers, Integers]:
        streams = self._network.streams
        chosen = [None if depths is None else depths[stream.name] for stream in streams]
        lags = [stream.visible_after(depth) for stream, depth in zip(streams, chosen, strict=True)]
        return np.array([-1 if each is None else each for each in chosen], np.int64), np.array(lags, np.int64)

    def _finish(self, position: Position) -> Integers:
        return position.time + 1 + np.where(position.state == DONE, self._rest, 0)

    def _explain(self, position: Position) -> Deadlock:
        standing = {}
        for number in np.flatnonzero(position.state == BLOCKED).tolist():
            plan = self._order(self._network.processes[number], self._index)
            segment = int(position.segment[number] - self._plans.first[number])
            access = int(plan.segments[segment, 0] + position.offset[number])
            port = int(plan.code[access] & PORT_MASK)
            standing[number] = Standing(port, int(plan.leaves[access]), int(position.count[port]))
        return explain(self._network, standing)


@dataclass(frozen=True, slots=True)
class _Known:
    """A finished run. By stream: depths, RAW latencies, most words held, whether its writer ever waited for room."""

    depths: Integers
    lags: Integers
    high: Integers
    waited: Flags
    result: Simulation

    def holds(self, depths: Integers, lags: Integers) -> bool:
        """Whether nothing changes with these depths.

        A FIFO may be made as shallow as the most that it held, and a deeper one changes nothing where nobody waited for
        room: then the times of this run fulfil every constraint of the other, and each is still the maximum of its own.
        """
        same = (depths == self.depths) | ((depths < self.depths) & (depths >= self.high))
        return bool((self.lags == lags).all() and (same | ((depths > self.depths) & ~self.waited)).all())


def _bounded(vector: Integers) -> Integers:
    return np.where(vector < 0, FOREVER, vector)


def _core(plans: Plans, compiled: bool | None) -> Core:
    library = None if compiled is False else native.library()
    if compiled and library is None:
        raise UserError(
            "the compiled simulation is not available",
            expected="a working g++",
            hint=f"install g++, unset {native.SWITCH}, or leave the choice to the simulator (compiled=None)",
        )
    return InterpretedCore(plans) if library is None else native.NativeCore(plans, library)
