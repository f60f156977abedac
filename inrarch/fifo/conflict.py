"""Why depths are not good enough, as a rule that all good depths keep.

A run that ends late has a longest path: a chain of accesses, each as late as the one before forces it to be. A step of
the path is the schedule of a process, a word that is waited for, or room that is waited for. With other depths the path
is as long as long as every FIFO whose room it waits for is no deeper, less one cycle for each word that it waits for in
a FIFO that has become registers. A deadlock is a circle of such steps. So, for some set of streams: one of them must be
deeper, or enough of the others must be registers. This is a no-good cut of logic-based Benders decomposition (Hooker
and Ottosson, Mathematical Programming 96, 2003).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inrarch.fifo.chains import Times
from inrarch.fifo.memory import REGISTER_WORDS
from inrarch.fifo.path import longest_path
from inrarch.fifo.question import Question, World


@dataclass(frozen=True, slots=True)
class Conflict:
    """sum(late for streams of at least their depth in `deeper`) + sum(`registers` of streams of 2 words) >= late."""

    deeper: Mapping[str, int]
    registers: Mapping[str, int]
    late: int

    def kept(self, depths: Mapping[str, int]) -> bool:
        """Whether depths keep the rule."""
        if any(depths[name] >= least for name, least in self.deeper.items()):
            return True
        return sum(count for name, count in self.registers.items() if depths[name] <= REGISTER_WORDS) >= self.late


def conflicts(question: Question, world: World, depths: Mapping[str, int], most: Mapping[str, int]) -> list[Conflict]:
    """At least one rule that these depths, not good enough in `world`, break. most: depths that never block."""
    if world is World.ORDER:
        waits = question.quick.run_sequential(depths).deadlock
        assert waits is not None
        return [_strong(question, world, depths, [wait.stream for wait in waits.cycle if wait.is_write], most)]
    simulator = question.real if world is World.REAL else question.quick
    run = simulator.run(depths)
    if run.deadlock is not None:
        full = [wait.stream for wait in run.deadlock.cycle if wait.is_write]
        return [_strong(question, World.FAST, depths, full, most)]
    times = simulator.times(depths)
    ends = [(cycles, name) for name, cycles in run.finish.items() if cycles > question.limit]
    paths = [_path(question, times, depths, name) for _, name in sorted(ends, reverse=True)]
    result, seen = [], set()
    for (blocked, words), (cycles, _) in zip(paths, sorted(ends, reverse=True), strict=True):
        if (key := frozenset(blocked)) in seen:
            continue
        seen.add(key)
        if world is World.FAST:
            result.append(_strong(question, world, depths, sorted(blocked), most))
        else:
            late = cycles - question.limit
            registers = {name: min(count, late) for name, count in words.items() if depths[name] > REGISTER_WORDS}
            result.append(Conflict({name: depths[name] + 1 for name in blocked}, registers, late))
    return result


def _strong(
    question: Question, world: World, depths: Mapping[str, int], full: list[str], most: Mapping[str, int]
) -> Conflict:
    """The rule of streams that are full, with as few streams and as high depths as still fail."""
    failing = {name: depths[name] if name in full else most[name] for name in depths}
    deeper: dict[str, int] = {}
    for name in sorted(set(full), key=lambda name: (most[name] - depths[name], name)):
        if not question.holds(world, failing | {name: most[name]}):
            failing[name] = most[name]
            continue
        low, high, step = failing[name], most[name], 1
        while low + step < high and not question.holds(world, failing | {name: low + step}):
            low, step = low + step, 2 * step
        high = min(high, low + step)
        while high - low > 1:
            middle = (low + high) // 2
            if question.holds(world, failing | {name: middle}):
                high = middle
            else:
                low = middle
        failing[name] = low
        deeper[name] = low + 1
    return Conflict(deeper, {}, 1)


def _path(question: Question, times: Times, depths: Mapping[str, int], process: str) -> tuple[set[str], dict[str, int]]:
    """Streams whose room the longest path to the end of a process waits for, and words it waits for, by stream."""
    network = question.network
    number = next(number for number, each in enumerate(network.processes) if each.name == process)
    full: set[str] = set()
    words: dict[str, int] = {}
    for wait in longest_path(question.chains, times, depths, number):
        stream = network.streams[wait.port // 2]
        if wait.port % 2:
            full.add(stream.name)
        elif stream.latency is None:
            words[stream.name] = words.get(stream.name, 0) + 1
    return full, words
