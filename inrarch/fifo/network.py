"""Process networks as values: streams, processes and their schedules (DESIGN.md 7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from inrarch.fifo.memory import REGISTER_WORDS


@dataclass(frozen=True, slots=True)
class Stream:
    """A FIFO. bits: width of one word. latency: cycles from a write to its read; None = by depth (`visible_after`)."""

    name: str
    bits: int
    latency: int | None = None

    def visible_after(self, depth: int | None) -> int:
        """Cycles from a write to the earliest read of that word (RAW) at this depth (None = unbounded).

        1 up to a depth of 2 (registers), else 2 (memory), as Vitis HLS implements FIFOs.
        """
        if self.latency is not None:
            return self.latency
        return 1 if depth is not None and depth <= REGISTER_WORDS else 2


@dataclass(frozen=True, slots=True)
class Access:
    """One read or write of one word, `at` stages after the start of the enclosing iteration."""

    at: int
    stream: str
    is_write: bool


@dataclass(frozen=True, slots=True)
class Repeat:
    """`count` iterations of `body`, which start `every` stages apart and may overlap."""

    at: int
    count: int
    every: int
    body: tuple[Item, ...]


Item = Access | Repeat


@dataclass(frozen=True, slots=True)
class Process:
    """A chain of accesses. end: stage at which it is done, where that is later than its last access."""

    name: str
    schedule: tuple[Item, ...]
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """A validated network: each stream has one writer, one reader, and as many writes as reads (`inrarch.fifo.load`).

    sequential: depths must also be free of deadlock when processes make their accesses in program order, unpipelined.
    writers, readers: process name of each stream's ends. words: words through each stream.
    """

    streams: tuple[Stream, ...]
    processes: tuple[Process, ...]
    sequential: bool
    writers: Mapping[str, str]
    readers: Mapping[str, str]
    words: Mapping[str, int]


def count_accesses(schedule: tuple[Item, ...]) -> dict[tuple[str, bool], int]:
    """Number of accesses by (stream, is_write), without unrolling; keys in order of first appearance."""
    counts: dict[tuple[str, bool], int] = {}
    for item in schedule:
        if isinstance(item, Access):
            key = (item.stream, item.is_write)
            counts[key] = counts.get(key, 0) + 1
        else:
            for key, number in count_accesses(item.body).items():
                counts[key] = counts.get(key, 0) + item.count * number
    return counts


def last_stage(schedule: tuple[Item, ...]) -> int:
    """Stage of the latest access, without unrolling; -1 where there is none."""
    latest = -1
    for item in schedule:
        inner = 0
        if isinstance(item, Repeat):
            inner = last_stage(item.body) + (item.count - 1) * item.every
        latest = max(latest, item.at + inner)
    return latest


def leaves(schedule: tuple[Item, ...], path: str = "schedule") -> Iterator[tuple[str, Access]]:
    """Every access of the schedule's text with its place, such as ``schedule[1].body[0]``, in order of the text."""
    for index, item in enumerate(schedule):
        place = f"{path}[{index}]"
        if isinstance(item, Access):
            yield place, item
        else:
            yield from leaves(item.body, f"{place}.body")
