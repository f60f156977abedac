"""Why a network stands still: the cycle of processes that wait for each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inrarch.fifo.network import Network, leaves


@dataclass(frozen=True, slots=True)
class Wait:
    """A process that waits for ever.

    access: number of the read or write of `stream` that does not happen, from 1. total: how many there should be.
    position: place in the process's schedule, such as ``schedule[0].body[1]``. partner: the process at the other end.
    """

    process: str
    stream: str
    is_write: bool
    access: int
    total: int
    position: str
    partner: str

    def text(self) -> str:
        """One line for a person."""
        verb, state = ("write", "full") if self.is_write else ("read", "empty")
        return (
            f"{self.process!r} waits at {self.position} for {verb} {self.access} of {self.total} of stream "
            f"{self.stream!r} ({state}; the other end is {self.partner!r})"
        )


@dataclass(frozen=True, slots=True)
class Deadlock:
    """waiting: every process that waits for ever. cycle: those that wait for each other, in order of the waits."""

    waiting: tuple[Wait, ...]
    cycle: tuple[Wait, ...]

    def text(self) -> str:
        """The cycle of waits, one line per process."""
        return "\n".join(f"  {wait.text()}" for wait in self.cycle)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a process stands still: port (2 x stream, + 1 for a write), index in `network.leaves`, accesses made."""

    port: int
    leaf: int
    made: int


def explain(network: Network, standing: Mapping[int, Standing]) -> Deadlock:
    """Describe a deadlock. standing: the processes that wait, by their number."""
    waits: dict[str, Wait] = {}
    for number, found in standing.items():
        process = network.processes[number]
        stream, is_write = network.streams[found.port // 2].name, bool(found.port % 2)
        place, _ = list(leaves(process.schedule))[found.leaf]
        partner = (network.readers if is_write else network.writers)[stream]
        waits[process.name] = Wait(
            process.name, stream, is_write, found.made + 1, network.words[stream], place, partner
        )
    path: list[str] = []
    name = next(iter(waits))
    while name not in path:
        path.append(name)
        name = waits[name].partner
    cycle = tuple(waits[each] for each in path[path.index(name) :])
    return Deadlock(tuple(waits.values()), cycle)
