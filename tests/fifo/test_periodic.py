"""Leaving out periods changes no figure: multi-rate networks, bounded, unbounded, filling up, draining, deadlocking."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import numpy as np
import pytest

from inrarch.fifo import periodic, simulate
from inrarch.fifo.core import Jump
from inrarch.fifo.load import parse
from inrarch.fifo.simulate import Simulator
from tests.fifo.agreement import figures
from tests.fifo.repetitive_networks import repetitive_network
from tests.fifo.test_simulate import repeat


def agree(first: int, last: int, *, compiled: bool | None, rows: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """The same figures with and without leaving out periods."""
    for seed in range(first, last):
        rng = Random(seed)
        data = repetitive_network(seed, rng.choice(rows))
        network = parse(data)
        names = [stream.name for stream in network.streams]
        monkeypatch.setattr(simulate, "LOOK_AFTER", rng.choice([8, 64, 500]))
        for depths in (
            None,
            {name: rng.choice([1, 2, 4, 10]) for name in names},
            {name: rng.choice([2, 3, 40, 200, 900]) for name in names},
        ):
            plain = Simulator(network, compiled=compiled, periodic=False).run(depths)
            short = Simulator(network, compiled=compiled, periodic=True)
            assert figures(short.run(depths)) == figures(plain), (seed, depths)
            again = Simulator(network, compiled=compiled, periodic=True)
            assert again.cycles(depths) == plain.cycles, (seed, depths)
            if plain.cycles is not None:
                assert again.cycles(depths, plain.cycles) == plain.cycles, (seed, depths)
                assert again.cycles(depths, plain.cycles - 1) is None, (seed, depths)
            sequential = Simulator(network, compiled=compiled, periodic=False).run_sequential(depths)
            assert figures(again.run_sequential(depths)) == figures(sequential), (seed, depths)


@pytest.fixture
def jumps(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts the jumps, and those where a stream fills up or drains, by whether it is bounded."""
    seen: Counter[str] = Counter()
    find = periodic.Watch._jump

    def watched(self: periodic.Watch, *arguments: Any) -> Jump | None:
        jump = find(self, *arguments)
        if jump:
            grown = jump.added[1::2] - jump.added[0::2]
            bounded = self._depths < periodic.FOREVER
            seen["all"] += 1
            for name, those in (("bounded", bounded), ("unbounded", ~bounded)):
                seen[f"{name} fills"] += bool((grown[those] > 0).any())
                seen[f"{name} drains"] += bool((grown[those] < 0).any())
        return jump

    monkeypatch.setattr(periodic.Watch, "_jump", watched)
    return seen


def test_figures_equal_those_of_the_plain_run(jumps: Counter[str], monkeypatch: pytest.MonkeyPatch) -> None:
    agree(0, 120, compiled=None, rows=[50, 500, 2000], monkeypatch=monkeypatch)
    assert jumps["all"] > 200, jumps
    assert all(number >= 5 for number in jumps.values()), jumps


def test_figures_equal_those_of_the_plain_run_without_a_compiler(
    jumps: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(5000, 5025, compiled=False, rows=[50, 200], monkeypatch=monkeypatch)
    assert jumps["all"] > 50, jumps


@pytest.mark.slow
def test_figures_equal_those_of_the_plain_run_on_three_thousand_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    agree(10_000, 13_000, compiled=None, rows=[50, 500, 3000], monkeypatch=monkeypatch)


def pipeline(rows: int) -> dict[str, Any]:
    """Three rates per row, a reconvergent path, and a slow last process."""
    row: list[dict[str, Any]] = [repeat(8, 1, {"at": 0, "write": "a"}), {"at": 0, "write": "skip"}]
    work = [repeat(8, 1, {"at": 0, "read": "a"}), repeat(2, 4, {"at": 9, "write": "b"})]
    last = [repeat(2, 5, {"at": 0, "read": "b"}), {"at": 30, "read": "skip"}]
    return {
        "streams": [{"name": name, "bits": 16} for name in ("a", "b", "skip")],
        "processes": [
            {"name": "feed", "schedule": [repeat(rows, 8, *row)]},
            {"name": "work", "schedule": [repeat(rows, 8, *work)], "end": 8 * rows + 40},
            {"name": "last", "schedule": [repeat(rows, 12, *last)]},
        ],
    }


@pytest.mark.parametrize("compiled", [None, False])
@pytest.mark.parametrize("depths", [None, {"a": 2, "b": 2, "skip": 20}, {"a": 2, "b": 2, "skip": 4}])
def test_figures_grow_linearly_to_a_billion_rows(compiled: bool | None, depths: dict[str, int] | None) -> None:
    counts = [4000, 4012, 10**9, 10**9 + 12]  # 12: rows after which every rate here has come round
    runs = [Simulator(parse(pipeline(rows)), compiled=compiled, periodic=True).run(depths) for rows in counts]
    plain = [Simulator(parse(pipeline(rows)), compiled=compiled, periodic=False).run(depths) for rows in counts[:2]]
    assert [figures(run) for run in runs[:2]] == [figures(run) for run in plain]
    if depths is not None and depths["skip"] == 4:
        assert all(run.cycles is not None for run in runs)
    times = (counts[2] - counts[0]) // 12
    for name in ("feed", "work", "last"):
        first, second, third, fourth = (run.finish[name] for run in runs)
        assert third - first == times * (second - first)
        assert fourth - third == second - first
        for stream in ("a", "b", "skip"):
            waits = [run.waits[name].get(stream, 0) for run in runs]
            assert waits[2] - waits[0] == times * (waits[1] - waits[0])
    for stream in ("a", "b", "skip"):
        held = [run.high_water[stream] for run in runs]
        assert held[2] - held[0] == times * (held[1] - held[0])
    assert runs[2].accesses == 22 * counts[2]
    assert runs[2].periods > 10**7


@pytest.mark.parametrize("compiled", [None, False])
def test_a_deep_fifo_that_fills_slowly_blocks_when_it_is_full(compiled: bool | None) -> None:
    network = parse(
        {
            "streams": [{"name": "s", "bits": 8}],
            "processes": [
                {"name": "fast", "schedule": [repeat(100_000, 100, {"at": 0, "write": "s"})]},
                {"name": "slow", "schedule": [repeat(100_000, 101, {"at": 0, "read": "s"})]},
            ],
        }
    )
    # The reader starts in cycle 2, read k is in cycle 101 k + 2; write 500 + k needs it where 100 (500 + k) is sooner.
    run = Simulator(network, compiled=compiled, periodic=True).run({"s": 500})
    assert run.cycles == 101 * 99_999 + 3
    assert run.high_water == {"s": 500}
    reads = 101 * np.arange(100_000) + 2
    writes = np.maximum.accumulate(np.r_[100 * np.arange(500), reads[:-500] + 1] - 100 * np.arange(100_000))
    assert run.waits == {"slow": {"s": 2}, "fast": {"s": int(writes[-1])}}
    assert run.periods > 500
