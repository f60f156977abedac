"""The accesses of a network as arrays: by process in the order of its chain, and by port in the order of the words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from inrarch.fifo.network import Access, Item, Network, Process, Repeat, Stream
from inrarch.fifo.pieces import Integers
from inrarch.fifo.plan import PORT_BITS, PORT_MASK, in_stage_order
from inrarch.fifo.simulate import Simulator

Times = Mapping[str, tuple[Integers, Integers]]
"""Cycle of every write and of every read, by stream (`Simulator.times`)."""


@dataclass(frozen=True, slots=True)
class Chains:
    """stage, port, leaf: of each access, by process, in chain order; see `inrarch.fifo.plan`.

    rest: stages from the last access to the declared end, by process. places: positions in the chain of the process,
    by port. owner: process, by port.
    """

    network: Network
    stage: list[Integers]
    port: list[Integers]
    leaf: list[Integers]
    rest: list[int]
    places: list[Integers]
    owner: list[int]

    def times(self, times: Times, process: int) -> Integers:
        """Cycle of every access of one process, in chain order."""
        result = np.empty(len(self.port[process]), dtype=np.int64)
        for port in self.ports(process):
            writes, reads = times[self.network.streams[port // 2].name]
            result[self.places[port]] = writes if port % 2 else reads
        return result

    def ports(self, process: int) -> list[int]:
        """Ports of one process."""
        return [port for port, owner in enumerate(self.owner) if owner == process]


def chains(network: Network) -> Chains:
    """Unroll a network; memory is some 30 bytes per access."""
    index = {stream.name: number for number, stream in enumerate(network.streams)}
    result = Chains(network, [], [], [], [], [np.zeros(0, dtype=np.int64)] * (2 * len(index)), [0] * (2 * len(index)))
    for number, process in enumerate(network.processes):
        plan = in_stage_order(process, index)
        parts = [np.tile(np.arange(first, first + length), count) for first, length, count, _ in plan.segments.tolist()]
        order = np.concatenate([np.zeros(0, dtype=np.int64), *parts])
        code = plan.code[order]
        result.stage.append(np.cumsum(code >> PORT_BITS) - 1)
        result.port.append(code & PORT_MASK)
        result.leaf.append(plan.leaves[order])
        result.rest.append(plan.rest)
        by_port = np.argsort(result.port[-1], kind="stable")
        found, first = np.unique(result.port[-1][by_port], return_index=True)
        for port, part in zip(found.tolist(), np.split(by_port, first)[1:], strict=True):
            result.places[port], result.owner[port] = part, number
    return result


def fast(network: Network) -> Network:
    """The same network where a FIFO of any depth is as fast as registers: feasible wherever `network` is."""
    streams = tuple(
        stream if stream.latency is not None else Stream(stream.name, stream.bits, 1) for stream in network.streams
    )
    return Network(streams, network.processes, network.sequential, network.writers, network.readers, network.words)


def earliest(network: Network) -> Times:
    """Earliest cycle of every access with unbounded FIFOs."""
    return Simulator(network).times(None)


def latest(network: Network, cycles: int) -> Times:
    """Latest cycle of every access in any schedule of at most `cycles` cycles, with unbounded FIFOs.

    It is the earliest schedule of the network run backward, in which reads are writes.
    """
    processes = tuple(map(_backward, network.processes))
    flipped = Network(network.streams, processes, False, network.readers, network.writers, network.words)
    return {
        name: (cycles - 1 - reads[::-1], cycles - 1 - writes[::-1])
        for name, (writes, reads) in Simulator(flipped).times(None).items()
    }


def _backward(process: Process) -> Process:
    last = max((item for item in map(_last, process.schedule) if item is not None), default=-1)
    return Process(process.name, _flip(process.schedule, last if process.end is None else max(last, process.end)))


def _flip(items: tuple[Item, ...], end: int) -> tuple[Item, ...]:
    """The items with stage `end` - stage, in reverse order, reads and writes exchanged."""
    result: list[Item] = []
    for item in reversed(items):
        if isinstance(item, Access):
            result.append(Access(end - item.at, item.stream, not item.is_write))
        else:
            if (last := _last(item)) is not None:
                body = last - item.at - (item.count - 1) * item.every
                result.append(Repeat(end - last, item.count, item.every, _flip(item.body, body)))
    return tuple(result)


def _last(item: Item) -> int | None:
    """Stage of the last access, from the start of the enclosing iteration; None where there is no access."""
    if isinstance(item, Access):
        return item.at
    inner = [stage for stage in map(_last, item.body) if stage is not None]
    if not inner or not item.count:
        return None
    return item.at + (item.count - 1) * item.every + max(inner)
