"""Both inner loops, with and without leaving out periods, equal the naive simulator on random small networks."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from inrarch.fifo import native, plan, simulate, windows
from inrarch.fifo.load import parse
from inrarch.fifo.simulate import Simulator
from tests.fifo import naive
from tests.fifo.agreement import assert_equals_naive, figures
from tests.fifo.random_networks import random_network
from tests.fifo.repetitive_networks import repetitive_network


def agree(first: int, last: int) -> Counter[str]:
    """Compare on the networks of these seeds; how many of them deadlock, and so on."""
    seen: Counter[str] = Counter()
    compiled = [False] if native.library() is None else [False, True]
    for seed in range(first, last):
        rng = Random(seed)
        data = repetitive_network(seed, rows=rng.choice([2, 5, 12, 40])) if seed % 2 else random_network(seed)
        network = parse(data)
        depths = rng.choice(
            [
                None,
                {each["name"]: 2 for each in data["streams"]},
                {each["name"]: rng.choice([1, 2, 2, 3, 5, 20]) for each in data["streams"]},
            ]
        )
        stuck: dict[str, tuple[str, str, int]] = {}
        expected = naive.simulate(data, depths, stuck)
        runs = [
            Simulator(network, compiled=way, periodic=periodic).run(depths)
            for way in compiled
            for periodic in (False, True)
        ]
        assert_equals_naive(runs[0], expected, seed)
        if runs[0].deadlock:
            waiting = {
                each.process: ("write" if each.is_write else "read", each.stream, each.access)
                for each in runs[0].deadlock.waiting
            }
            assert waiting == stuck, seed
            assert set(runs[0].deadlock.cycle) <= set(runs[0].deadlock.waiting)
        assert all(figures(run) == figures(runs[0]) for run in runs), seed
        simulators = [Simulator(network, compiled=way) for way in compiled]
        assert [each.cycles(depths) for each in simulators] == [runs[0].cycles] * len(compiled), seed
        seen["deadlock" if expected is None else "finished"] += 1
        seen["deadlock at depth 2"] += expected is None and depths is not None and set(depths.values()) == {2}
        seen["periods"] += runs[1].periods > 0
        seen["latency"] += any("latency" in each for each in data["streams"])
        seen["end"] += any("end" in each for each in data["processes"])
        order = {each["name"]: number for number, each in enumerate(data["processes"])}
        seen["feedback"] += any(order[network.writers[s]] > order[network.readers[s]] for s in network.words)
    return seen


@pytest.fixture(autouse=True)
def _eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short loops are kept, and periods are looked for early."""
    monkeypatch.setattr(simulate, "LOOK_AFTER", 10)
    monkeypatch.setattr(windows, "_WORTH", 3)
    monkeypatch.setattr(plan, "_SHORTEST", 4)


@pytest.mark.parametrize("block", range(4))
def test_equals_the_naive_simulator(block: int) -> None:
    seen = agree(150 * block, 150 * (block + 1))
    assert all(number >= 5 for number in seen.values()), seen


@pytest.mark.slow
def test_equals_the_naive_simulator_on_twelve_thousand_networks() -> None:
    seen = agree(1000, 13_000)
    print(f"12,000 networks equal: {dict(seen)}")
    assert seen["deadlock"] > 2000, seen
    assert seen["finished"] > 5000, seen
    assert seen["periods"] > 400, seen
