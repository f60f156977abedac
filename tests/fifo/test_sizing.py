"""Solved depths lose no cycle, do not deadlock in either order, and none can be one word less."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inrarch.errors import UserError
from inrarch.fifo import solve
from inrarch.fifo.depths import load_depths, save_depths
from inrarch.fifo.load import parse
from inrarch.fifo.memory import bram18
from inrarch.fifo.sizing import evaluate
from tests.fifo.naive import deadlocks_in_program_order, simulate
from tests.fifo.random_networks import random_network
from tests.fifo.test_simulate import reconvergent, repeat


@pytest.mark.parametrize("sequential", [False, True])
def test_random_networks_are_feasible_and_locally_minimal(sequential: bool) -> None:
    solved = deep = 0
    for seed in range(350):
        network = random_network(seed) | {"sequential": sequential}
        unbounded = simulate(network, None)
        endless = {each["name"]: 10**6 for each in network["streams"]}
        if unbounded is None or (sequential and deadlocks_in_program_order(network, endless)):
            with pytest.raises(UserError, match="deadlocks"):
                solve(network)
            continue

        def good(depths: dict[str, int], limit: int = unbounded["cycles"], network: dict = network) -> bool:
            run = simulate(network, depths)
            fast = run is not None and run["cycles"] <= limit
            return fast and not (network["sequential"] and deadlocks_in_program_order(network, depths))

        depths = dict(solve(network).depths)
        assert good(depths), seed
        for name, depth in depths.items():
            assert depth >= 2
            if depth > 2:
                deep += 1
                assert not good(depths | {name: depth - 1}), (seed, name)
        solved += 1
    assert solved > 200
    assert deep > 40


def test_a_reconvergent_delay_needs_its_length_in_one_branch() -> None:
    result = solve(reconvergent(delay=20))
    assert result.depths["long"] == result.depths["late"] == 2
    assert result.depths["short"] > 20
    assert result.cycles <= result.unbounded_cycles
    assert result.words == sum(result.depths.values())
    assert result.bits == 24 * result.words
    assert result.lower_bound.words == result.words
    assert result.optimal
    assert result.gap == 0
    assert result.deadlock_free


def test_a_chain_needs_registers_only() -> None:
    network = reconvergent(delay=3)
    network["streams"] = [each for each in network["streams"] if each["name"] != "short"]
    network["processes"][0]["schedule"][0]["body"].pop()
    network["processes"][2]["schedule"][0]["body"].pop(0)
    assert set(solve(network).depths.values()) == {2}


def test_sequential_networks_get_the_words_that_software_needs() -> None:
    words = 16
    network = {
        "streams": [{"name": name, "bits": 8} for name in ("a", "b", "z")],
        "processes": [
            {"name": "w", "schedule": [repeat(words, 1, {"at": 0, "write": "b"}), {"at": words, "write": "z"}]},
            # Pipelined, all of b is read before a is written. Software writes a first, and y takes it after z only.
            {"name": "x", "schedule": [repeat(words, 1, {"at": 0, "read": "b"}, {"at": 20, "write": "a"})]},
            {"name": "y", "schedule": [{"at": 0, "read": "z"}, repeat(words, 1, {"at": 1, "read": "a"})]},
        ],
    }
    pipelined = solve(network)
    assert pipelined.words == 6
    assert deadlocks_in_program_order(network, dict(pipelined.depths))
    found = solve(network | {"sequential": True})
    assert found.words > 6
    assert not deadlocks_in_program_order(network, dict(found.depths))
    assert simulate(network, dict(found.depths)) is not None


def test_a_network_that_no_depths_save_is_refused_with_its_cycle() -> None:
    network = {
        "streams": [{"name": "a", "bits": 1}, {"name": "b", "bits": 1}],
        "processes": [
            {"name": "p", "schedule": [{"at": 0, "read": "a"}, {"at": 1, "write": "b"}]},
            {"name": "q", "schedule": [{"at": 0, "read": "b"}, {"at": 1, "write": "a"}]},
        ],
    }
    with pytest.raises(UserError) as error:
        solve(network)
    assert error.value.text() == (
        "the network deadlocks with unbounded FIFOs; expected a network that some depths let finish\n"
        "  'p' waits at schedule[0] for read 1 of 1 of stream 'a' (empty; the other end is 'q')\n"
        "  'q' waits at schedule[0] for read 1 of 1 of stream 'b' (empty; the other end is 'p')\n"
        "hint: a process reads, directly or through others, what it has not yet written"
    )


def test_solving_twice_gives_the_same_bytes_and_the_file_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "network.json"
    path.write_text(json.dumps(reconvergent(delay=50)))
    first = solve(path)
    save_depths(first, tmp_path / "depths.json")
    assert load_depths(tmp_path / "depths.json") == first
    assert solve(str(path)) == first


def test_given_depths_are_evaluated_and_a_deadlock_is_none() -> None:
    network = parse(reconvergent(delay=20))
    good, _ = evaluate(network, {"short": 30, "long": 2, "late": 2})
    assert good is not None
    assert good.high_water["short"] <= 30
    none, run = evaluate(network, {"short": 2, "long": 2, "late": 2})
    assert none is None
    assert run.deadlock is not None


@pytest.mark.parametrize(
    ("depth", "bits", "blocks"),
    [
        (2, 1000, 0),
        (32, 144, 0),
        (33, 36, 1),
        (512, 36, 1),
        (512, 37, 2),
        (1024, 18, 1),
        (1025, 18, 2),
        (16384, 1, 1),
        (2048, 9, 1),
        (4096, 4, 1),
        (8192, 2, 1),
        (600, 40, 3),
    ],
)
def test_block_rams_follow_the_shapes_of_ramb18(depth: int, bits: int, blocks: int) -> None:
    assert bram18(depth, bits) == blocks
