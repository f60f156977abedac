"""The critical path of a simulated network: which waits, one after the other, decide when it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from inrarch.fifo.network import Network, Process, leaves
from inrarch.fifo.pieces import Integers
from inrarch.fifo.plan import PORT_BITS, PORT_MASK, in_stage_order
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
class _Timed:
    """The accesses of one process: time, port and number of each; where it waited (positions, increasing); its end."""

    time: Integers
    port: Integers
    leaf: Integers
    number: Integers
    waited: Integers
    finish: int


def critical_path(network: Network, depths: Mapping[str, int], simulator: Simulator | None = None) -> list[Hop]:
    """The waits that lead to the last access, the last first; empty where no process on the way waits.

    Between two hops a process goes on without waiting. Memory: some 40 bytes per access. The network must not deadlock
    at these depths.
    """
    simulator = simulator or Simulator(network)
    times = simulator.times(depths)
    index = {stream.name: number for number, stream in enumerate(network.streams)}
    timed = {each.name: _timed(each, network, index, times) for each in network.processes}
    places = {each.name: list(leaves(each.schedule)) for each in network.processes}
    name = max(timed, key=lambda each: timed[each].finish)
    at = len(timed[name].time) - 1
    hops: list[Hop] = []
    while True:
        mine = timed[name]
        before = int(np.searchsorted(mine.waited, at, side="right"))
        if before == 0:
            return hops
        access = int(mine.waited[before - 1])
        port, number = int(mine.port[access]), int(mine.number[access])
        stream, is_write = network.streams[port // 2], bool(port % 2)
        cause = number - depths[stream.name] if is_write else number
        partner = (network.readers if is_write else network.writers)[stream.name]
        since = int(times[stream.name][1 if is_write else 0][cause])
        place, _ = places[name][int(mine.leaf[access])]
        time, total = int(mine.time[access]), network.words[stream.name]
        hops.append(Hop(name, stream.name, is_write, number + 1, total, place, time, partner, cause + 1, since))
        theirs = timed[partner]
        name, at = partner, int(np.flatnonzero(theirs.port == (port ^ 1))[cause])


def _timed(
    process: Process, network: Network, index: Mapping[str, int], times: Mapping[str, tuple[Integers, Integers]]
) -> _Timed:
    plan = in_stage_order(process, index)
    parts = [np.tile(np.arange(first, first + length), count) for first, length, count, _ in plan.segments.tolist()]
    order = np.concatenate([np.zeros(0, dtype=np.int64), *parts])
    gap, port = plan.code[order] >> PORT_BITS, plan.code[order] & PORT_MASK
    time, number = np.zeros_like(order), np.zeros_like(order)
    for each in np.unique(port).tolist():
        places = np.flatnonzero(port == each)
        time[places] = times[network.streams[each // 2].name][0 if each % 2 else 1]
        number[places] = np.arange(len(places))
    waited = np.flatnonzero(np.diff(time, prepend=-1) > gap)
    return _Timed(time, port, plan.leaves[order], number, waited, int(time[-1]) + plan.rest if len(time) else -1)
