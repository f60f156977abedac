"""network.json -> Network: the schema first, then what a schema cannot say, every fault by the name of its stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inrarch.errors import UserError, did_you_mean
from inrarch.fifo.network import Access, Item, Network, Process, Repeat, Stream, count_accesses, last_stage, leaves
from inrarch.json_file import check_schema, read_json

MAX_CYCLES = 1 << 60
"""Networks that may run longer are refused: times are 64-bit numbers."""


def load(path: Path) -> Network:
    """Read and check a network file.

    Raises UserError: not readable, not JSON (with line and column), against the schema, or inconsistent.
    """
    return parse(read_json(path, "a process network"), str(path))


def parse(data: object, place: str = "network") -> Network:
    """Check the decoded JSON of a network; `place` begins every error message. Raises UserError."""
    check_schema(data, "network", place)
    assert isinstance(data, dict)
    streams = tuple(Stream(each["name"], each["bits"], each.get("latency")) for each in data["streams"])
    processes = tuple(
        Process(each["name"], schedule_of(each["schedule"]), each.get("end")) for each in data["processes"]
    )
    return build(streams, processes, sequential=data.get("sequential", False), place=place)


def build(
    streams: tuple[Stream, ...], processes: tuple[Process, ...], *, sequential: bool = False, place: str = "network"
) -> Network:
    """A network from its parts. Raises UserError where a stream has not one writer, one reader, equal counts."""
    _refuse_duplicates([stream.name for stream in streams], "stream", place)
    _refuse_duplicates([process.name for process in processes], "process", place)
    ends: dict[tuple[str, bool], list[tuple[str, int]]] = {}
    known = {stream.name for stream in streams}
    for process in processes:
        for where, access in leaves(process.schedule):
            if access.stream not in known:
                raise UserError(
                    f"process {process.name!r}, {where}: unknown stream {access.stream!r}",
                    place=place,
                    expected="a name listed under `streams`",
                    hint=did_you_mean(access.stream, known),
                )
        for key, number in count_accesses(process.schedule).items():
            ends.setdefault(key, []).append((process.name, number))
    writers, readers, words = {}, {}, {}
    for stream in streams:
        writer, writes = _one_end(stream.name, "written", ends.get((stream.name, True), []), place)
        reader, reads = _one_end(stream.name, "read", ends.get((stream.name, False), []), place)
        if writes != reads:
            raise UserError(
                f"stream {stream.name!r} is written {writes} times by process {writer!r} "
                f"and read {reads} times by process {reader!r}",
                place=place,
                expected="as many reads as writes",
            )
        writers[stream.name], readers[stream.name], words[stream.name] = writer, reader, writes
    _refuse_too_long(streams, processes, words, place)
    return Network(streams, processes, sequential, writers, readers, words)


def schedule_of(items: Sequence[Mapping[str, Any]]) -> tuple[Item, ...]:
    """The items of a schedule as values; they must satisfy the schema."""
    return tuple(map(_item, items))


def _item(data: Mapping[str, Any]) -> Item:
    if "repeat" in data:
        return Repeat(data["at"], data["repeat"], data["every"], schedule_of(data["body"]))
    if "read" in data:
        return Access(data["at"], data["read"], is_write=False)
    return Access(data["at"], data["write"], is_write=True)


def _one_end(stream: str, what: str, found: list[tuple[str, int]], place: str) -> tuple[str, int]:
    if len(found) == 1:
        return found[0]
    names = " and ".join(f"{name!r} ({number} times)" for name, number in found) or "no process"
    raise UserError(
        f"stream {stream!r} is {what} by {names}",
        place=place,
        expected=f"exactly one process by which it is {what}",
        hint="let the writer write to one stream per reader" if what == "read" and found else None,
    )


def _refuse_too_long(
    streams: tuple[Stream, ...], processes: tuple[Process, ...], words: Mapping[str, int], place: str
) -> None:
    """No run is longer than all schedules one after the other with the latency of every word between."""
    cycles = sum(max(last_stage(process.schedule), process.end or 0) + 1 for process in processes)
    cycles += sum(words[stream.name] * (max(stream.visible_after(3), 1) + 1) for stream in streams)
    if cycles > MAX_CYCLES:
        raise UserError(
            f"the schedules may take {cycles:,} cycles", place=place, expected=f"at most {MAX_CYCLES:,} (2^60)"
        )


def _refuse_duplicates(names: list[str], what: str, place: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise UserError(f"more than one {what} is named {name!r}", place=place, expected="unique names")
        seen.add(name)
