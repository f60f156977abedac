"""What the semantics say of small networks whose answer is known; program order against naive software."""

from __future__ import annotations

from random import Random
from typing import Any

from inrarch.fifo.load import parse
from inrarch.fifo.simulate import Simulator
from tests.fifo.naive import deadlocks_in_program_order
from tests.fifo.random_networks import random_network


def repeat(count: int, every: int, *body: dict[str, Any], at: int = 0) -> dict[str, Any]:
    return {"at": at, "repeat": count, "every": every, "body": list(body)}


def reconvergent(delay: int, words: int = 64) -> dict[str, Any]:
    """A fork whose one branch takes `delay` cycles, and a join."""
    return {
        "streams": [{"name": name, "bits": 24} for name in ("short", "long", "late")],
        "processes": [
            {"name": "fork", "schedule": [repeat(words, 1, {"at": 0, "write": "long"}, {"at": 0, "write": "short"})]},
            {"name": "work", "schedule": [repeat(words, 1, {"at": 0, "read": "long"}, {"at": delay, "write": "late"})]},
            {"name": "join", "schedule": [repeat(words, 1, {"at": 0, "read": "short"}, {"at": 0, "read": "late"})]},
        ],
    }


def test_program_order_deadlocks_exactly_where_the_naive_software_does() -> None:
    verdicts = []
    for seed in range(600):
        network = random_network(seed)
        depths = {each["name"]: Random(seed).randint(1, 3) for each in network["streams"]}
        simulator = Simulator(parse(network))
        found = simulator.run_sequential(depths)
        assert simulator.deadlocks_sequentially(depths) == (found.deadlock is not None)
        verdicts.append(found.deadlock is not None)
        assert verdicts[-1] == deadlocks_in_program_order(network, depths), seed
    assert 60 < sum(verdicts) < 540


def test_cycles_of_the_example_in_the_design() -> None:
    network = {
        "streams": [{"name": "a", "bits": 24, "latency": 1}, {"name": "b", "bits": 24}, {"name": "s", "bits": 24}],
        "processes": [
            {"name": "feed", "schedule": [{"at": 0, "write": "a"}, repeat(64, 1, {"at": 0, "write": "b"})]},
            {
                "name": "p",
                "schedule": [
                    {"at": 0, "read": "a"},
                    repeat(64, 1, {"at": 0, "read": "b"}, {"at": 5, "write": "s"}, at=4),
                ],
            },
            {"name": "drain", "schedule": [repeat(64, 1, {"at": 0, "read": "s"})]},
        ],
    }
    run = Simulator(parse(network)).run({"a": 2, "b": 2, "s": 2})
    # a is read in cycle 1, b from 5 to 68, s is written from 10 to 73 and read from 11 to 74.
    assert run.finish["p"] == 74
    assert run.cycles == 75


def test_a_deep_fifo_delays_each_word_by_one_cycle_more_than_registers() -> None:
    network = parse(
        {
            "streams": [{"name": "s", "bits": 1}],
            "processes": [
                {"name": "p", "schedule": [{"at": 0, "write": "s"}]},
                {"name": "q", "schedule": [{"at": 0, "read": "s"}]},
            ],
        }
    )
    simulator = Simulator(network)
    assert [simulator.run({"s": depth}).cycles for depth in (1, 2, 3)] == [2, 2, 3]
    assert simulator.run(None).cycles == 3


def test_a_fifo_of_one_word_passes_every_other_cycle() -> None:
    network = {
        "streams": [{"name": "s", "bits": 1}],
        "processes": [
            {"name": "p", "schedule": [repeat(10, 1, {"at": 0, "write": "s"})]},
            {"name": "q", "schedule": [repeat(10, 1, {"at": 0, "read": "s"})]},
        ],
    }
    assert Simulator(parse(network)).run({"s": 1}).cycles == 20


def test_deadlock_names_the_cycle_of_waits_with_access_and_place() -> None:
    network = reconvergent(delay=20)
    network["processes"][1]["schedule"] = [
        repeat(64, 1, {"at": 0, "read": "long"}),
        repeat(64, 1, {"at": 0, "write": "late"}, at=64),
    ]
    run = Simulator(parse(network)).run({"short": 2, "long": 2, "late": 2})
    assert run.cycles is None
    assert run.deadlock is not None
    assert run.deadlock.text() == (
        "  'fork' waits at schedule[0].body[1] for write 4 of 64 of stream 'short' (full; the other end is 'join')\n"
        "  'join' waits at schedule[0].body[1] for read 1 of 64 of stream 'late' (empty; the other end is 'work')\n"
        "  'work' waits at schedule[0].body[0] for read 5 of 64 of stream 'long' (empty; the other end is 'fork')"
    )


def test_waiting_processes_outside_the_cycle_are_listed_but_not_part_of_it() -> None:
    network = {
        "streams": [{"name": name, "bits": 1} for name in ("a", "b", "c")],
        "processes": [
            {"name": "p", "schedule": [{"at": 0, "read": "a"}, {"at": 1, "write": "b"}]},
            {"name": "q", "schedule": [{"at": 0, "read": "b"}, {"at": 1, "write": "a"}, {"at": 2, "write": "c"}]},
            {"name": "r", "schedule": [{"at": 0, "read": "c"}]},
        ],
    }
    deadlock = Simulator(parse(network)).run(None).deadlock
    assert deadlock is not None
    assert [wait.process for wait in deadlock.waiting] == ["p", "q", "r"]
    assert sorted(wait.process for wait in deadlock.cycle) == ["p", "q"]


def test_back_pressure_is_booked_to_the_stream_that_causes_it() -> None:
    network = {
        "streams": [{"name": "s", "bits": 8}],
        "processes": [
            {"name": "fast", "schedule": [repeat(10, 1, {"at": 0, "write": "s"})]},
            {"name": "slow", "schedule": [repeat(10, 4, {"at": 0, "read": "s"})]},
        ],
    }
    run = Simulator(parse(network)).run({"s": 2})
    assert run.cycles == 38  # the first read in cycle 1, nine more 4 apart
    assert run.waits == {"fast": {"s": 21}, "slow": {"s": 1}}


def test_declared_end_counts_and_an_empty_network_takes_no_cycles() -> None:
    assert Simulator(parse({"streams": [], "processes": []})).run(None).cycles == 0
    assert Simulator(parse({"streams": [], "processes": [{"name": "p", "schedule": [], "end": 7}]})).run({}).cycles == 8
