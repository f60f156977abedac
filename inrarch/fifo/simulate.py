"""Exact event simulation of a process network: cycles, waits, high-water marks, and why it deadlocks (DESIGN.md 7)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from inrarch.fifo.deadlock import Deadlock, explain
from inrarch.fifo.expand import Chain, Integers, program_order, stage_order
from inrarch.fifo.network import Network, Process

_UNBOUNDED = 1 << 62
_Port = tuple[list[int], list[int], int, int, list[int]]
_Blocked = tuple[list[int], int]
_Schedule = tuple[list[list[int]], list[list[int]], list[list[int]], list[int], list[int]]


@dataclass(frozen=True, slots=True)
class Simulation:
    """What one run of a network did.

    cycles: 1 + the latest access (or declared end); None where it deadlocks. deadlock: None where it does not.
    high_water: most words held by each stream = the least depth that would not have changed this run.
    finish: cycles until each process was done (until it stood still, in a deadlock).
    waits: by process, the cycles that it waited on each stream, for streams that it waited on.
    accesses: how many were simulated.
    """

    cycles: int | None
    deadlock: Deadlock | None
    high_water: Mapping[str, int]
    finish: Mapping[str, int]
    waits: Mapping[str, Mapping[str, int]]
    accesses: int


class Simulator:
    """A network unrolled once, to be run at many depths. Time and memory are linear in the accesses."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._index = {stream.name: number for number, stream in enumerate(network.streams)}
        self._pipelined = [_Steps.of(stage_order(each, self._index), each) for each in network.processes]
        self._neighbours = _neighbours(self._pipelined)
        self._sequential: list[_Steps] | None = None

    def run(self, depths: Mapping[str, int] | None) -> Simulation:
        """The exact schedule of the pipelined network with FIFOs of these depths; None = unbounded.

        Raises KeyError when a stream has no depth.
        """
        return self._run(self._pipelined, stage_order, depths)

    def cycles(self, depths: Mapping[str, int] | None, at_most: int | None = None) -> int | None:
        """Cycles with FIFOs of these depths (None = unbounded), without the other figures of `run`.

        None where it deadlocks or, if given, takes more than `at_most` cycles (the run stops there).
        Raises KeyError when a stream has no depth.
        """
        cycles = self.run(depths).cycles
        return None if cycles is None or (at_most is not None and cycles > at_most) else cycles

    def times(self, depths: Mapping[str, int] | None) -> dict[str, tuple[Integers, Integers]]:
        """The cycle of every write and of every read of each stream, int64; those made, where it deadlocks.

        Memory: 8 bytes per access and more; for networks small enough to be unrolled.
        """
        written, read, *_ = self._schedule(self._pipelined, depths)
        return {
            stream.name: (np.array(written[number], dtype=np.int64), np.array(read[number], dtype=np.int64))
            for number, stream in enumerate(self.network.streams)
        }

    def run_sequential(self, depths: Mapping[str, int] | None) -> Simulation:
        """All accesses in program order, one per cycle and process: what unpipelined software does.

        Its deadlock is exact (it depends on the order of accesses alone); its times mean nothing.
        """
        if self._sequential is None:
            chains = [program_order(each, self._index) for each in self.network.processes]
            self._sequential = [_Steps.one_per_cycle(chain) for chain in chains]
        return self._run(self._sequential, program_order, depths)

    def _run(
        self,
        plans: list[_Steps],
        order: Callable[[Process, Mapping[str, int]], Chain],
        depths: Mapping[str, int] | None,
    ) -> Simulation:
        streams = self.network.streams
        written, read, waited, finish, standing = self._schedule(plans, depths)
        deadlock = None
        if standing:
            done = [len(times) for pair in zip(read, written, strict=True) for times in pair]
            deadlock = explain(self.network, standing, done, lambda process: order(process, self._index))
        processes = self.network.processes
        numbers = {process.name: number for number, process in enumerate(processes)}
        waits: list[dict[str, int]] = [{} for _ in processes]
        for number, stream in enumerate(streams):
            for end, ends in ((0, self.network.readers), (1, self.network.writers)):
                if cycles := waited[2 * number + end][0]:
                    mine = waits[numbers[ends[stream.name]]]
                    mine[stream.name] = mine.get(stream.name, 0) + cycles
        return Simulation(
            cycles=None if deadlock else max(finish, default=0),
            deadlock=deadlock,
            high_water={each.name: _high_water(written[n], read[n]) for n, each in enumerate(streams)},
            finish={process.name: finish[number] for number, process in enumerate(processes)},
            waits={process.name: waits[number] for number, process in enumerate(processes)},
            accesses=sum(map(len, written)) + sum(map(len, read)),
        )

    def _schedule(self, plans: list[_Steps], depths: Mapping[str, int] | None) -> _Schedule:
        streams = self.network.streams
        written: list[list[int]] = [[] for _ in streams]
        read: list[list[int]] = [[] for _ in streams]
        waited = [[0] for _ in range(2 * len(streams))]
        ports: list[_Port] = []
        for number, stream in enumerate(streams):
            depth = None if depths is None else depths[stream.name]
            room = _UNBOUNDED if depth is None else depth
            ports.append((read[number], written[number], stream.visible_after(depth), 0, waited[2 * number]))
            ports.append((written[number], read[number], 1, room, waited[2 * number + 1]))
        finish = [0] * len(plans)
        standing = _run_all(plans, self._neighbours, ports, finish)
        return written, read, waited, finish, standing


@dataclass(frozen=True, slots=True)
class _Steps:
    """A chain as the inner loop wants it: Python lists. rest: stages between the last access and the end."""

    gaps: list[int]
    ports: list[int]
    rest: int

    @staticmethod
    def of(chain: Chain, process: Process) -> _Steps:
        last = int(chain.stage[-1]) if len(chain.stage) else -1
        rest = 0 if process.end is None else max(0, process.end - last)
        # Time starts at -1, so that a process that does nothing is done after 0 cycles.
        return _Steps(np.diff(chain.stage, prepend=-1).tolist(), chain.port.tolist(), rest)

    @staticmethod
    def one_per_cycle(chain: Chain) -> _Steps:
        return _Steps([1] * len(chain.port), chain.port.tolist(), 0)


def _run_all(plans: list[_Steps], neighbours: list[list[int]], ports: list[_Port], finish: list[int]) -> list[int]:
    """Run every process as far as it goes, waking those that wait; the numbers of those that stand still for ever."""
    runs = [_walk(plan, ports, finish, number) for number, plan in enumerate(plans)]
    blocked: dict[int, _Blocked] = {}
    ready = deque(range(len(plans)))
    while ready:
        number = ready.popleft()
        wait = next(runs[number], None)
        if wait is not None:
            blocked[number] = wait
        for other in neighbours[number]:
            if other in blocked and len(blocked[other][0]) > blocked[other][1]:
                del blocked[other]
                ready.append(other)
    return sorted(blocked)


def _walk(plan: _Steps, ports: list[_Port], finish: list[int], number: int) -> Iterator[_Blocked]:
    """Make the accesses of one process in order; yield (list, index) to wait for an entry of the other end's times."""
    time = -1
    for gap, (mine, other, lag, room, waited) in zip(plan.gaps, map(ports.__getitem__, plan.ports), strict=True):
        time += gap
        needed = len(mine) - room
        if needed >= 0:
            if needed >= len(other):
                finish[number] = time + 1
                yield other, needed
            earliest = other[needed] + lag
            if earliest > time:
                waited[0] += earliest - time
                time = earliest
        mine.append(time)
    finish[number] = time + plan.rest + 1


def _neighbours(plans: list[_Steps]) -> list[list[int]]:
    """Processes that share a stream with each process, itself excluded unless it feeds itself."""
    touched = [set(plan.ports) for plan in plans]
    owner = {port: number for number, mine in enumerate(touched) for port in mine}
    return [sorted({owner[port ^ 1] for port in mine}) for mine in touched]


def _high_water(written: list[int], read: list[int]) -> int:
    """Most words held: after the i-th write, all but those read in earlier cycles (a read makes room in the next)."""
    if not written:
        return 0
    writes: Any = np.array(written)
    freed = np.searchsorted(np.array(read, dtype=np.int64), writes, side="left")
    return int((np.arange(1, len(written) + 1) - freed).max())
