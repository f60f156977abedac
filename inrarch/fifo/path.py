"""The critical path of a simulated network: which waits, one after the other, decide when it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from inrarch.fifo.chains import Chains, Times, chains
from inrarch.fifo.network import Network, leaves
from inrarch.fifo.pieces import Integers
from inrarch.fifo.simulate import Simulator


@dataclass(frozen=True, slots=True)
class Hop:
    """An access that waited, and for what.

    number: of the access among the `total` reads or writes of `stream`, from 1. position: in the schedule. time: cycle
    of the access. cause: number of the access at the other end (process `partner`) that let it go on, at cycle `since`.
    """

    process: str
    stream: str
    is_write: bool
    number: int
    total: int
    position: str
    time: int
    partner: str
    cause: int
    since: int

    def text(self) -> str:
        """One line for a person."""
        verb, other = ("write", "read") if self.is_write else ("read", "write")
        why = "has no room" if self.is_write else "has no word"
        return (
            f"{self.process!r} makes {verb} {self.number} of {self.total} of {self.stream!r} in cycle {self.time} "
            f"({self.position}): it {why} until {other} {self.cause} by {self.partner!r} in cycle {self.since}"
        )


@dataclass(frozen=True, slots=True)
class Wait:
    """An access that waited: of process `process`, at `position` of its chain, the access `number` of `port`.

    cause: number of the access at the other end that let it go on. Numbers are from 0.
    """

    process: int
    position: int
    port: int
    number: int
    cause: int


def longest_path(chains: Chains, times: Times, depths: Mapping[str, int], process: int) -> Iterator[Wait]:
    """The waits that lead to the last access of a process, the last first; in between nothing waits.

    times: of a run with these depths that does not deadlock.
    """
    waited: dict[int, Integers] = {}
    at, position = process, len(chains.stage[process]) - 1
    while True:
        if at not in waited:
            made = chains.times(times, at)
            late = np.diff(made, prepend=-1) > np.diff(chains.stage[at], prepend=-1)
            waited[at] = np.maximum.accumulate(np.where(late, np.arange(len(made)), -1))
        position = int(waited[at][position]) if position >= 0 else -1
        if position < 0:
            return
        port = int(chains.port[at][position])
        number = int(np.searchsorted(chains.places[port], position))
        cause = number - depths[chains.network.streams[port // 2].name] if port % 2 else number
        yield Wait(at, position, port, number, cause)
        at, position = chains.owner[port ^ 1], int(chains.places[port ^ 1][cause])


def critical_path(network: Network, depths: Mapping[str, int], simulator: Simulator | None = None) -> list[Hop]:
    """The waits that lead to the last access, the last first; empty where no process on the way waits.

    Between two hops a process goes on without waiting. Memory: some 50 bytes per access. The network must not deadlock
    at these depths.
    """
    simulator = simulator or Simulator(network)
    times, unrolled = simulator.times(depths), chains(network)
    finish = simulator.run(depths).finish
    last = max(range(len(network.processes)), key=lambda number: finish[network.processes[number].name])
    hops: list[Hop] = []
    for wait in longest_path(unrolled, times, depths, last):
        process, stream, is_write = network.processes[wait.process], network.streams[wait.port // 2], wait.port % 2
        partner = network.processes[unrolled.owner[wait.port ^ 1]].name
        mine, theirs = times[stream.name] if is_write else times[stream.name][::-1]
        place, _ = list(leaves(process.schedule))[int(unrolled.leaf[wait.process][wait.position])]
        hops.append(
            Hop(
                process=process.name,
                stream=stream.name,
                is_write=bool(is_write),
                number=wait.number + 1,
                total=network.words[stream.name],
                position=place,
                time=int(mine[wait.number]),
                partner=partner,
                cause=wait.cause + 1,
                since=int(theirs[wait.cause]),
            )
        )
    return hops
