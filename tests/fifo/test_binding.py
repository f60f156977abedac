"""What one word less does, against the naive simulator; why, in words whose figures follow from the schedule."""

from __future__ import annotations

from itertools import pairwise

import pytest

from inrarch.errors import UserError
from inrarch.fifo import solve
from inrarch.fifo.binding import OneLess, explain, one_less
from inrarch.fifo.load import parse
from inrarch.fifo.path import critical_path
from inrarch.fifo.simulate import Simulator
from tests.fifo.naive import deadlocks_in_program_order, simulate
from tests.fifo.random_networks import random_network
from tests.fifo.test_simulate import reconvergent, repeat


@pytest.mark.parametrize("sequential", [False, True])
def test_one_word_less_is_what_the_naive_simulator_says(sequential: bool) -> None:
    binding = loose = 0
    for seed in range(150):
        data = random_network(seed) | {"sequential": sequential}
        network = parse(data)
        try:
            solved = solve(network).depths
        except UserError:
            continue
        depths = {name: depth + seed % 2 if depth > 2 else depth for name, depth in solved.items()}
        for found in one_less(network, depths, least=2):
            fewer = {**depths, found.stream: depths[found.stream] - 1}
            run = simulate(data, fewer)
            stuck = sequential and deadlocks_in_program_order(data, fewer)
            assert found.cycles == (None if run is None or stuck else run["cycles"])
            assert found.in_program_order == (run is not None and stuck)
            unbounded = Simulator(network).run(None).cycles
            assert unbounded is not None
            if found.binds(unbounded):
                binding += 1
                assert explain(network, depths, found)
            else:
                loose += 1
    assert binding > 20
    assert loose > 20


def test_the_critical_path_leads_from_wait_to_wait() -> None:
    long = 0
    for seed in range(300):
        network = parse(random_network(seed))
        depths = dict.fromkeys((each.name for each in network.streams), 3)
        simulator = Simulator(network)
        if simulator.run(depths).deadlock is not None:
            continue
        path, times = critical_path(network, depths), simulator.times(depths)
        long += len(path) > 2
        for hop in path:
            written, read = times[hop.stream]
            mine, theirs = (written, read) if hop.is_write else (read, written)
            latency = next(each for each in network.streams if each.name == hop.stream).visible_after(3)
            assert mine[hop.number - 1] == hop.time
            assert theirs[hop.cause - 1] == hop.since == hop.time - (1 if hop.is_write else latency)
            assert hop.cause == hop.number - (3 if hop.is_write else 0)
        for hop, before in pairwise(path):
            assert before.process == hop.partner
            assert before.time <= hop.since
    assert long > 50


def test_a_lost_cycle_is_explained_by_the_waits_around_the_full_stream() -> None:
    network = parse(reconvergent(delay=20))
    depths = solve(network).depths
    (found,) = one_less(network, depths, least=2)
    assert found == OneLess("short", depths["short"], found.cycles)
    lines = explain(network, depths, found)
    assert lines[0].endswith("finds this stream full 10 times; the last:")
    assert lines[3].strip() == (
        "'fork' makes write 60 of 64 of 'short' in cycle 69 (schedule[0].body[1]): it has no room until read 38 by "
        "'join' in cycle 68"
    )


def test_a_deadlock_is_explained_by_the_cycle_of_waits() -> None:
    data = reconvergent(delay=20)
    data["processes"][1]["schedule"] = [
        repeat(64, 1, {"at": 0, "read": "long"}),
        repeat(64, 1, {"at": 0, "write": "late"}, at=64),
    ]
    network = parse(data)
    depths = {"short": 60, "long": 2, "late": 2}
    (found,) = one_less(network, depths, least=2)
    assert found.cycles is None
    assert [line.split()[0] for line in explain(network, depths, found)] == ["'fork'", "'join'", "'work'"]
