"""The accesses of a network as arrays: by process in the order of its chain, and by port in the order of the words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from inrarch.fifo.network import Access, Item, Network, Process, Repeat, Stream
from inrarch.fifo.pieces import Integers
from inrarch.fifo.simulate import Simulator

Times = Mapping[str, tuple[Integers, Integers]]
"""Cycle of every write and of every read, by stream (`Simulator.times`)."""


@dataclass(frozen=True, slots=True)
class Chains:
    """stage, port: of each access, by process, in chain order; a port is 2 x stream, + 1 for a write.

    rest: stages from the last access to the declared end, by process. places: positions in the chain of the process,
    by port. owner: process, by port.
    """

    network: Network
    stage: list[Integers]
    port: list[Integers]
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
    stage, ports, rest = [], [], []
    places = [np.zeros(0, dtype=np.int64)] * (2 * len(index))
    owner = [0] * len(places)
    for number, process in enumerate(network.processes):
        rows = _unroll(process.schedule, index)
        # Sorted by stage (stable; reads before writes in a stage): DESIGN.md 7, iterations overlap.
        rows = rows[:, np.argsort(2 * rows[0] + (rows[1] & 1), kind="stable")]
        stage.append(rows[0])
        ports.append(rows[1])
        rest.append(_rest(process, int(rows[0, -1]) if rows.size else -1))
        order = np.argsort(rows[1], kind="stable")
        found, first = np.unique(rows[1, order], return_index=True)
        for port, part in zip(found.tolist(), np.split(order, first)[1:], strict=True):
            places[port], owner[port] = part, number
    return Chains(network, stage, ports, rest, places, owner)


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


def _unroll(items: tuple[Item, ...], index: Mapping[str, int]) -> Integers:
    """Array of shape (2, accesses): stage and port, as listed."""
    parts = [np.zeros((2, 0), dtype=np.int64)]
    for item in items:
        if isinstance(item, Access):
            parts.append(np.array([[item.at], [2 * index[item.stream] + item.is_write]], dtype=np.int64))
            continue
        block = np.repeat(_unroll(item.body, index)[:, None, :], item.count, axis=1)
        block[0] += item.at + item.every * np.arange(item.count, dtype=np.int64)[:, None]
        parts.append(block.reshape(2, -1))
    return np.concatenate(parts, axis=1)


def _rest(process: Process, last: int) -> int:
    return 0 if process.end is None else max(0, process.end - last)


def _backward(process: Process) -> Process:
    last = max((item for item in map(_last, process.schedule) if item is not None), default=-1)
    return Process(process.name, _flip(process.schedule, last + _rest(process, last)))


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
