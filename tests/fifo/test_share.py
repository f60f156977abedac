"""Shared delay lines: the same words in the same order, fewer of them held, no cycle more."""

from __future__ import annotations

import copy
from typing import Any

from benchmarks.networks.schedule import loop, read, write
from benchmarks.networks.structures import Builder
from inrarch.fifo import solve
from inrarch.fifo.load import parse
from inrarch.fifo.share import Candidate, candidates, with_line
from inrarch.fifo.simulate import Simulator
from tests.fifo.naive import simulate, unroll


def late_readers(*delays: int, words: int = 64) -> dict[str, Any]:
    """A fork to a slow chain and to one reader per delay, which joins what the chain gives after that many words."""
    net = Builder()
    copies = net.fork("copy", net.source("x", words), words, 1 + len(delays))
    value = copies[0]
    for number, (delay, late) in enumerate(zip(delays, copies[1:], strict=True)):
        value = net.pointwise(f"slow{number}", words, value, latency=delay)
        value = net.pointwise(f"join{number}", words, value, late, latency=1)
    net.sink("y", value, words)
    return net.network()


def carried(network: dict[str, Any]) -> dict[str, list[Any]]:
    """The words of every stream: a fork passes them on, any other process makes words out of all that it has read."""
    chains = {each["name"]: unroll(each["schedule"], 0, program=True) for each in network["processes"]}
    forks = {each["name"] for each in network["processes"] if each.get("kernel") == "fork"}
    queues: dict[str, list[Any]] = {each["name"]: [] for each in network["streams"]}
    taken = dict.fromkeys(queues, 0)
    seen: dict[str, list[Any]] = {name: [] for name in chains}
    moved = True
    while moved:
        moved = False
        for name, chain in chains.items():
            while chain:
                _, kind, stream = chain[0]
                if kind == "read":
                    if taken[stream] == len(queues[stream]):
                        break
                    seen[name].append(queues[stream][taken[stream]])
                    taken[stream] += 1
                else:
                    last = seen[name][-1] if name in forks else hash((name, stream, tuple(seen[name])))
                    queues[stream].append(last)
                del chain[0]
                moved = True
    return queues


def test_two_readers_of_one_delay_share_a_line() -> None:
    network = late_readers(30, 1)
    before = solve(network)
    (found,) = candidates(network, before.depths, least=2)
    assert found.fork == "copy"
    assert sorted(name for level in found.levels for name in level) == ["copy_1", "copy_2"]
    shared, (line,) = with_line(network, found)
    assert line.readers == ("copy_1", "copy_2")
    together = {**before.depths, line.stream: before.depths["copy_2"], "copy_1": 2, "copy_2": 6}
    run = simulate(shared, together)
    assert run is not None
    assert run["cycles"] <= before.unbounded_cycles
    assert sum(together.values()) < before.words - 20


def test_different_delays_make_a_chain_of_lines_that_hold_differences() -> None:
    network = late_readers(20, 30, 40, words=256)
    before = solve(network)
    (found,) = candidates(network, before.depths, least=2)
    assert found.levels == (("copy_1",), ("copy_2",), ("copy_3",))
    shared, (first, second) = with_line(network, found)
    assert (first.readers, second.readers) == (("copy_1", "copy_2", "copy_3"), ("copy_2", "copy_3"))
    delays = [before.depths[f"copy_{number}"] for number in (1, 2, 3)]
    lines = {first.stream: delays[0], second.stream: delays[1] - delays[0], "copy_1": 6, "copy_2": 6}
    together = {**before.depths, **lines, "copy_3": delays[2] - delays[1] + 6}
    run = simulate(shared, together)
    assert run is not None
    assert run["cycles"] <= before.unbounded_cycles
    assert sum(together.values()) < 0.7 * before.words


def test_every_stream_carries_the_words_that_it_carried() -> None:
    network = late_readers(20, 30, 40, words=16)
    expected = carried(network)
    everything = Candidate("copy", (("copy_1",), ("copy_2",), ("copy_3",)), 0)
    found = carried(with_line(network, everything)[0])
    assert {name: found[name] for name in expected} == expected
    assert all(expected.values())


def test_annotations_follow() -> None:
    network = late_readers(30, 1)
    fork = next(each for each in network["processes"] if each["name"] == "copy")
    fork["parameters"] = {"features": 4, "outputs": ["copy_0", "copy_1", "copy_2"]}
    for stream in network["streams"]:
        stream |= {"from": "copy", "to": "somewhere", "fields": ["a"]}
    original = copy.deepcopy(network)
    shared, (line,) = with_line(network, Candidate("copy", (("copy_1", "copy_2"),), 0))
    assert network == original
    parse(shared)
    forks = {each["name"]: each for each in shared["processes"] if each.get("kernel") == "fork"}
    assert list(forks) == ["copy", "copy_late"]
    assert forks["copy"]["parameters"]["outputs"] == ["copy_0", line.stream]
    assert forks["copy_late"]["parameters"] == {"features": 4, "outputs": ["copy_1", "copy_2"]}
    streams = {each["name"]: each for each in shared["streams"]}
    assert (streams[line.stream]["from"], streams[line.stream]["to"]) == ("copy", "copy_late")
    assert (streams["copy_1"]["from"], streams["copy_0"]["from"]) == ("copy_late", "copy")


def test_outputs_that_carry_different_fields_or_are_not_late_do_not_share() -> None:
    network = late_readers(30, 1)
    depths = {each["name"]: 40 for each in network["streams"]}
    assert candidates(network, depths, least=2)
    assert not candidates(network, dict.fromkeys(depths, 2), least=2)
    streams = {each["name"]: each for each in network["streams"]}
    for number in range(3):
        streams[f"copy_{number}"]["fields"] = [f"field{number}"]
    assert not candidates(network, depths, least=2)


def test_a_process_that_is_no_fork_is_left_alone() -> None:
    network = late_readers(30, 1)
    depths = {each["name"]: 40 for each in network["streams"]}
    fork = next(each for each in network["processes"] if each["name"] == "copy")
    body = fork["schedule"][0]["body"]
    fork["schedule"] = [loop(32, 2, *body, read("x"), *(write(f"copy_{each}", 2) for each in range(3)))]
    assert Simulator(parse(network)).run(None).deadlock is None
    assert not candidates(network, depths, least=2)
