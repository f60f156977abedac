"""Shared delay lines: one FIFO with a fork behind it instead of copies of the same words in several FIFOs.

A fork writes every word to all of its readers in one cycle. Where several of them take it late, each of their FIFOs
holds the same words. The late readers are put behind one line: the fork writes to the line instead of to them, and a
second fork behind the line writes to those that are served first, and to the next line for the rest, which then holds
only the difference of the delays. Every reader gets the words that it got before, in the same order, and a network of
blocking processes computes the same whatever the times (Kahn 1974). That no cycle is lost is simulated, not assumed.

A line with several read positions (a memory with two read ports at different addresses) would save the second fork's
cycle and its two words per reader; that is another kernel, and not done here.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

FORK = "fork"
"""The `kernel` of a process that copies every word that it reads to all streams that it writes."""

TIE = 4
"""Readers whose delays differ by no more words share a line's end: a fork and two FIFOs would cost as much."""


@dataclass(frozen=True, slots=True)
class Line:
    """A delay line. fork: the process behind it. readers: streams that it feeds, directly or through a next line."""

    stream: str
    fork: str
    readers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fork whose late outputs can share. levels: outputs by growing delay. saving: estimate in bits."""

    fork: str
    levels: tuple[tuple[str, ...], ...]
    saving: int


def candidates(network: Mapping[str, Any], depths: Mapping[str, int], least: int) -> list[Candidate]:
    """Forks where two or more outputs of one width hold more than `least` words; the largest saving first.

    The delay of an output is what its FIFO holds and those behind it, through processes with one input and one output.
    """
    streams = {each["name"]: each for each in network["streams"]}
    follow = _followers(network)
    found = []
    for process in network["processes"]:
        outputs = _fork_outputs(process)
        for same in _alike(outputs, streams):
            delays = {name: _delay(name, follow, depths, least) for name in same}
            late = sorted((name for name in same if delays[name] > least + TIE), key=lambda name: delays[name])
            levels: list[list[str]] = []
            for name in late:
                if levels and delays[name] <= delays[levels[-1][0]] + TIE:
                    levels[-1].append(name)
                else:
                    levels.append([name])
            bits = streams[same[0]]["bits"]
            words = sum(delays[name] - least for name in late) - max((delays[name] for name in late), default=0)
            if len(late) > 1 and words > 0:
                found.append(Candidate(process["name"], tuple(map(tuple, levels)), bits * words))
    return sorted(found, key=lambda each: -each.saving)


def with_line(network: Mapping[str, Any], candidate: Candidate) -> tuple[Json, list[Line]]:
    """The network with this candidate's outputs behind delay lines; the given one is left as it is."""
    data: Json = copy.deepcopy(dict(network))
    streams = {each["name"]: each for each in data["streams"]}
    writer = next(each for each in data["processes"] if each["name"] == candidate.fork)
    taken = {each["name"] for each in data["processes"]}
    lines = []
    for number in range(len(candidate.levels)):
        late = [name for names in candidate.levels[number:] for name in names]
        if len(late) == 1:
            break
        name = _unique(f"{candidate.fork}_late", taken)
        line = f"{candidate.fork}__{name}" if number == 0 else f"{writer['name']}__{name}"
        mine = [output for output in _fork_outputs(writer) if output not in late]
        behind = _fork(writer, name, line, late)
        if "fields" in streams[late[0]] and "fields" in behind.get("parameters", {}):
            behind["parameters"]["fields"] = list(streams[late[0]]["fields"])
        _rewrite(writer, writer["name"], None, {**{each: each for each in mine}, late[0]: line})
        place = data["streams"].index(streams[late[0]])
        data["streams"].insert(place, _line(streams[late[0]], line, writer["name"], name))
        for output in late:
            if "from" in streams[output]:
                streams[output]["from"] = name
        data["processes"].insert(data["processes"].index(writer) + 1, behind)
        lines.append(Line(line, name, tuple(late)))
        writer = behind
    return data, lines


def _fork_outputs(process: Mapping[str, Any]) -> list[str]:
    """Streams that a fork writes; none where the process is no fork, or not one iteration per word."""
    if process.get("kernel") != FORK:
        return []
    bodies = [body for body in _bodies(process["schedule"]) if any("repeat" not in item for item in body)]
    if len(bodies) != 1 or sum("read" in item for item in bodies[0]) != 1:
        return []
    return [item["write"] for item in bodies[0] if "write" in item]


def _bodies(items: list[Json]) -> Iterator[list[Json]]:
    yield items
    for item in items:
        if "repeat" in item:
            yield from _bodies(item["body"])


def _alike(outputs: list[str], streams: Mapping[str, Json]) -> list[list[str]]:
    """Outputs that carry the same: of one width and, where they are listed, with the same fields."""
    groups: dict[tuple[int, tuple[str, ...]], list[str]] = {}
    for name in outputs:
        each = streams[name]
        groups.setdefault((each["bits"], tuple(each.get("fields", ()))), []).append(name)
    return list(groups.values())


def _followers(network: Mapping[str, Any]) -> dict[str, str]:
    """By stream, the only output of its reader, where that has a single input and a single output."""
    follow = {}
    for process in network["processes"]:
        leaves = [item for body in _bodies(process["schedule"]) for item in body if "repeat" not in item]
        reads = {item["read"] for item in leaves if "read" in item}
        writes = {item["write"] for item in leaves if "write" in item}
        if len(reads) == len(writes) == 1:
            follow[reads.pop()] = writes.pop()
    return follow


def _delay(name: str, follow: Mapping[str, str], depths: Mapping[str, int], least: int) -> int:
    return depths[name] + sum(max(0, depths[each] - least) for each in _path(name, follow)[1:])


def _path(name: str, follow: Mapping[str, str]) -> list[str]:
    """The stream and those that follow it."""
    path = [name]
    while path[-1] in follow and follow[path[-1]] not in path:
        path.append(follow[path[-1]])
    return path


def moved(
    network: Mapping[str, Any], lines: Sequence[Line], depths: Mapping[str, int], least: int, spare: int
) -> dict[str, int]:
    """Depths of the network with the lines, from `depths` of the one without: what late readers held is in the lines.

    A line holds the delay of its nearest reader beyond that of the line before; a reader `spare` words.
    """
    follow, result = _followers(network), dict(depths)
    for number, line in reversed(list(enumerate(lines))):
        nearest = min(_delay(name, follow, depths, least) for name in line.readers)
        result[line.stream] = max(least, nearest)
        for name in line.readers:
            result |= dict.fromkeys(_path(name, follow), least) | {name: least + spare}
        behind = lines[number + 1] if number + 1 < len(lines) else line
        if set(behind.readers) < set(line.readers):
            result[behind.stream] = max(least, result[behind.stream] - nearest + spare)
    return result


def _fork(process: Json, name: str, source: str, outputs: list[str]) -> Json:
    """A fork like `process` from `source` to `outputs`."""
    result = copy.deepcopy(process)
    _rewrite(result, name, source, {output: output for output in outputs})
    return result


def _rewrite(process: Json, name: str, source: str | None, writes: Mapping[str, str]) -> None:
    """Rename a fork, its input (None: as it is), and its outputs; those that `writes` does not list are dropped."""
    process["name"] = name
    for body in _bodies(process["schedule"]):
        body[:] = [item for item in body if "write" not in item or item["write"] in writes]
        for item in body:
            if "write" in item:
                item["write"] = writes[item["write"]]
            elif "read" in item and source is not None:
                item["read"] = source
    if "outputs" in process.get("parameters", {}):
        process["parameters"]["outputs"] = _fork_outputs(process)


def _line(like: Json, name: str, writer: str, reader: str) -> Json:
    ends = {"from": writer, "to": reader} if "from" in like else {}
    return {**like, "name": name, **ends}


def _unique(name: str, taken: set[str]) -> str:
    number, result = 1, name
    while result in taken:
        number += 1
        result = f"{name}{number}"
    taken.add(result)
    return result
