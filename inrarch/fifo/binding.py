"""Which streams bind: what one word less costs, and by which waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from inrarch.fifo.memory import REGISTER_WORDS
from inrarch.fifo.network import Network
from inrarch.fifo.path import critical_path
from inrarch.fifo.simulate import Simulator

HOPS = 4
"""Waits shown before and behind the one of the stream that binds."""


@dataclass(frozen=True, slots=True)
class OneLess:
    """What one word less in `stream` does.

    cycles: with it; None where it deadlocks. in_program_order: it deadlocks only unpipelined, as compiled C++ runs.
    """

    stream: str
    depth: int
    cycles: int | None
    in_program_order: bool = False

    def binds(self, allowed: int) -> bool:
        """Whether the depth cannot be given up without a deadlock or more than `allowed` cycles."""
        return self.cycles is None or self.cycles > allowed


def one_less(
    network: Network, depths: Mapping[str, int], least: int, simulator: Simulator | None = None
) -> Iterator[OneLess]:
    """One word less in each stream that is deeper than `least`, one after the other, in order of the streams.

    One exact simulation each, but where a stream never held its last word.
    """
    simulator = simulator or Simulator(network)
    run = simulator.run(depths)
    held = dict(run.high_water)
    if network.sequential:
        for name, words in simulator.run_sequential(depths).high_water.items():
            held[name] = max(held[name], words)
    for name, depth in depths.items():
        if depth <= least:
            continue
        if depth > max(held[name], REGISTER_WORDS + 1):
            yield OneLess(name, depth, run.cycles)
            continue
        fewer = {**depths, name: depth - 1}
        cycles = simulator.cycles(fewer)
        stuck = cycles is not None and network.sequential and simulator.deadlocks_sequentially(fewer)
        yield OneLess(name, depth, None if stuck else cycles, stuck)


def explain(
    network: Network, depths: Mapping[str, int], found: OneLess, simulator: Simulator | None = None
) -> list[str]:
    """Why one word less in this stream deadlocks (the cycle of waits) or costs cycles (the critical path around it).

    found: what `one_less` said, of a stream that binds.
    """
    simulator = simulator or Simulator(network)
    fewer = {**depths, found.stream: found.depth - 1}
    if found.cycles is None:
        run = simulator.run_sequential(fewer) if found.in_program_order else simulator.run(fewer)
        assert run.deadlock is not None
        return run.deadlock.text().splitlines()
    path = critical_path(network, fewer, simulator)
    full = [number for number, hop in enumerate(path) if hop.is_write and hop.stream == found.stream]
    if not full:
        return []
    first = max(0, full[0] - HOPS)
    shown = path[first : full[0] + HOPS + 1]
    times = f"{len(full)} times" if len(full) > 1 else "once"
    head = f"  the path that decides the cycles has {len(path)} waits and finds this stream full {times}; the last:"
    return [head, *(f"    {hop.text()}" for hop in shown)]
