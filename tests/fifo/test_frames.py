"""The program of frames against what it says of itself, read anew: its parts, its bound, and networks without loops."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from inrarch.fifo import solve
from inrarch.fifo.bounds import Windows, windows
from inrarch.fifo.chains import chains
from inrarch.fifo.frames import Frames, frames
from inrarch.fifo.load import parse
from inrarch.fifo.network import Network
from inrarch.fifo.objective import PRICES, Objective
from inrarch.fifo.question import Question
from inrarch.fifo.search import Search
from inrarch.fifo.simulate import Simulator
from tests.fifo import naive
from tests.fifo.exhaustive import cheapest, unbounded_cycles
from tests.fifo.frame_networks import frame_network


def program(network: Network, extra: int) -> tuple[Frames, Windows]:
    """The program for `extra` cycles more than with unbounded FIFOs."""
    cycles = Simulator(network).cycles(None)
    assert cycles is not None
    bounds = windows(network, cycles + extra, 2)
    assert bounds is not None
    found = frames(network, chains(network), bounds)
    assert found is not None
    return found, bounds


def unrolled(data: dict[str, Any]) -> dict[str, Any]:
    """The same accesses in the same stages without any loop: no frame to be seen."""
    processes = [
        {
            **process,
            "schedule": [
                {"at": stage, kind: stream}
                for stage, kind, stream in naive.unroll(process["schedule"], 0, program=False)
            ],
        }
        for process in data["processes"]
    ]
    return {**data, "processes": processes}


def stages(data: dict[str, Any], stream: str, kind: str) -> list[int]:
    """Of all accesses of one end of a stream, in rising order."""
    return sorted(
        stage
        for process in data["processes"]
        for stage, each, name in naive.unroll(process["schedule"], 0, program=False)
        if (each, name) == (kind, stream)
    )


@pytest.mark.parametrize("seed", range(25))
def test_parts_are_what_an_endless_run_without_waits_shows(seed: int) -> None:
    data = frame_network(seed)
    found, _ = program(parse(data), 0)
    period = found.period
    for stream, link in zip(data["streams"], found.links, strict=True):
        ends = []
        for kind in ("write", "read"):
            frame = stages(data, stream["name"], kind)[: link.words]
            ends.append([stage + period * each for each in range(-30, 30) for stage in frame])
        writes, reads = ends
        middle = range(writes[link.words * 30], writes[link.words * 30] + period)
        latency = stream.get("latency", 1)
        assert link.soonest == max(write - read for write, read in zip(writes, reads, strict=True)) + latency
        for behind in range(link.soonest, link.soonest + 2 * period):
            held = max(
                sum(write <= time for write in writes) - sum(read + behind < time for read in reads)
                for time in middle
                if time in writes
            )
            assert link.of(behind) == held, (stream, behind)
        difference = [sum(w <= time for w in writes) - sum(r <= time for r in reads) for time in middle]
        assert link.held_on_average == pytest.approx(sum(difference) / period)


@pytest.mark.parametrize("seed", range(30))
def test_a_network_without_loops_gives_the_same_numbers(seed: int) -> None:
    """Conflicts and snapshots alone prove what the delays of frames prove."""
    data = frame_network(seed, most=24)
    assert frames(parse(unrolled(data)), chains(parse(unrolled(data))), program(parse(data), 0)[1]) is None
    rng = Random(seed)
    objective, slack = rng.choice(["words", "bits"]), rng.choice([0.0, 0.05])
    looped = solve(data, objective, slack, time_limit_s=None)
    plain = solve(unrolled(data), objective, slack, time_limit_s=None)
    assert looped.optimal
    assert plain.optimal
    assert not plain.method.startswith("delays of frames")
    assert (looped.unbounded_cycles, looped.limit) == (plain.unbounded_cycles, plain.limit)
    assert getattr(looped, objective) == getattr(plain, objective)
    run = naive.simulate(data, dict(plain.depths))
    assert run is not None
    assert run["cycles"] == plain.cycles <= (looped.limit or 0)


def test_the_bound_is_below_the_optimum_of_exhaustive_search() -> None:
    above = tight = 0
    for seed in range(40):
        data = frame_network(seed, most=24)
        cycles = unbounded_cycles(data)
        assert cycles is not None
        extra = Random(-seed).choice([0, 0, 3])
        network = parse(data)
        found, bounds = program(network, extra)
        goal = Objective(network, PRICES["words"], bounds.most, linear=True)
        bound = found.bound(goal, bounds)
        if sum(max(0, most - 2) for most in bounds.most.values()) > 14:  # too much to try it all
            continue
        best = cheapest(data, cycles + extra, PRICES["words"])
        assert best is not None
        assert bound <= best, seed
        above += bound > 2 * len(network.streams)
        tight += bound == best
    assert above > 3
    assert tight > 10


def test_the_bound_of_frames_is_below_the_optimum_that_conflicts_prove() -> None:

    above = tight = good = 0
    for seed in range(60):
        network = parse(frame_network(seed))
        cycles = Simulator(network).cycles(None)
        assert cycles is not None
        limit = cycles + Random(-seed).choice([0, 0, 3, 10])
        bounds = windows(network, limit, 2)
        assert bounds is not None
        made = frames(network, chains(network), bounds)
        assert made is not None
        question, goal = Question(network, limit), Objective(network, PRICES["bits"], bounds.most, True)
        search = Search(question, goal, bounds.least, bounds.most)
        search.improve(bounds.most, [])
        found = search.run()
        assert found.depths is not None
        assert found.bound == goal.total(found.depths)
        bound = made.bound(goal, bounds)
        assert bound <= found.bound, seed
        tight += bound == found.bound
        above += bound > goal.total(bounds.least)
        good += any(question.good(depths) for depths in made.guesses(goal.word_prices, bounds.least))
    assert tight > 15
    assert above > 10
    assert good > 50
