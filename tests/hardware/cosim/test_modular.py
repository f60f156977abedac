"""The modular simulation of a reconvergent design: words, cycles, FIFOs, stalls, deadlock; the top agrees with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inrarch.hardware.cosim.compiling import Toolchain, find_toolchain
from inrarch.hardware.cosim.models import build_program
from inrarch.hardware.cosim.monolith import monolith
from inrarch.hardware.cosim.prediction import Pace, Prediction, predict, random_pace
from inrarch.hardware.cosim.run import Inputs, Run, simulate
from tests.hardware.cosim.reconvergent import Built, answers, reconvergent

BLOCK, ROWS = 8, 16
DEEP = {"short": BLOCK + 2}


@pytest.fixture(scope="module")
def tools() -> Toolchain:
    return find_toolchain()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return reconvergent(tmp_path_factory.mktemp("rtl"), DEEP, block=BLOCK, rows=ROWS)


@pytest.fixture(scope="module")
def program(built: Built, tools: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_program(tools, built.design.modules, built.folder, tmp_path_factory.mktemp("models"), 2)


def _words(count: int) -> np.ndarray:
    return np.random.default_rng(7).integers(-(1 << 23), 1 << 23, count).astype(np.int32)


def _run(program: Path, built: Built, folder: Path, pace: Pace, depths: Mapping[str, int]) -> tuple[Run, Prediction]:
    """A run with FIFOs of these depths, and what was predicted of it."""
    streams = tuple(
        replace(each, depth=depths[each.name], latency=1 if depths[each.name] <= 2 else 2)
        for each in built.design.streams
    )
    words = _words(ROWS * pace.invocations)
    folder.mkdir(exist_ok=True)
    inputs = Inputs({"x": words}, built.network.words, pace, limit=100_000, seed=1)
    run = simulate(program, replace(built.design, streams=streams), built.folder, folder, inputs)
    return run, predict(built.network, depths, built.design, pace)


def _cycles(run: Run, predicted: Prediction) -> int:
    return max(last + 1 + predicted.rests[name] for name, last in run.last.items())


@pytest.mark.parametrize("share", [0.0, 0.15, 0.7])
@pytest.mark.parametrize("invocations", [1, 5])
def test_words_cycles_and_fill_are_as_predicted(
    program: Path, built: Built, tmp_path: Path, invocations: int, share: float
) -> None:
    pace = random_pace(built.design, invocations, share, seed=invocations)
    run, predicted = _run(program, built, tmp_path, pace, built.depths)
    assert run.ending == "complete"
    assert (run.words["y"] == answers(_words(ROWS * invocations))).all()
    assert np.flatnonzero(run.marks["y"]).tolist() == [ROWS * (k + 1) - 1 for k in range(invocations)]
    assert {name: last + 1 for name, last in run.last.items()} == dict(predicted.finish)
    assert _cycles(run, predicted) == predicted.cycles
    assert max(run.last_of_first.values()) + 1 == predicted.first
    assert dict(run.high_water) == dict(predicted.high_water)


def test_stalls_cost_cycles(program: Path, built: Built, tmp_path: Path) -> None:
    free, _ = _run(program, built, tmp_path / "a", Pace(3), built.depths)
    stalled, _ = _run(program, built, tmp_path / "b", random_pace(built.design, 3, 0.5, seed=2), built.depths)
    assert max(stalled.last.values()) > 1.3 * max(free.last.values())


def test_depth_2_deadlocks_and_the_waits_are_named(program: Path, built: Built, tmp_path: Path) -> None:
    run, predicted = _run(program, built, tmp_path, Pace(1), dict.fromkeys(built.depths, 2))
    assert predicted.cycles is None
    assert run.ending == "deadlock"
    waits = {each.process: (each.stream, each.reading, each.fill, each.depth) for each in run.waiting}
    assert waits["the fork"] == ("stream short", False, 2, 2)
    assert waits["the sum"] == ("stream blocks", True, 0, 2)
    assert waits["the block"][:3] == ("stream long", True, 0)
    assert waits["the source"] == ("stream in", False, 2, 2)


def test_words_that_stop_coming_are_a_deadlock_too(program: Path, built: Built, tmp_path: Path) -> None:
    """The block never fills: all wait, none for a full FIFO."""
    design = replace(built.design, rows=BLOCK - 1)
    words = dict.fromkeys(built.network.words, BLOCK - 1)
    inputs = Inputs({"x": _words(BLOCK - 1)}, words, Pace(1), limit=100_000, seed=1)
    run = simulate(program, design, built.folder, tmp_path, inputs)
    assert run.ending == "deadlock"
    assert all(each.reading for each in run.waiting)
    assert [each.depth for each in run.waiting if each.stream == "x"] == [None]


def test_a_word_less_costs_cycles_or_deadlocks_as_predicted(program: Path, built: Built, tmp_path: Path) -> None:
    """From the least depth of the short way at which the network runs, and 2 elsewhere."""
    least = {**built.depths, "stream short": BLOCK - 2}
    _, ideal = _run(program, built, tmp_path / "least", Pace(3), least)
    cost = {}
    for name, depth in least.items():
        run, predicted = _run(program, built, tmp_path / name.replace(" ", "_"), Pace(3), {**least, name: depth - 1})
        assert run.ending == ("deadlock" if predicted.cycles is None else "complete")
        if predicted.cycles is not None:
            assert _cycles(run, predicted) == predicted.cycles
            assert dict(run.high_water) == dict(predicted.high_water)
        cost[name] = predicted.cycles
    assert ideal.cycles is not None
    assert cost["stream short"] is None
    assert any(cycles is not None and cycles > ideal.cycles for cycles in cost.values())


@pytest.mark.parametrize("share", [0.0, 0.4])
def test_the_top_does_the_same_in_every_cycle(
    program: Path, built: Built, tools: Toolchain, tmp_path: Path, share: float
) -> None:
    whole = monolith(built.design, built.folder)
    top = build_program(tools, whole.modules, built.folder, tmp_path, 1)
    pace = random_pace(built.design, 4, share, seed=11)
    inputs = Inputs({"x": _words(4 * ROWS)}, built.network.words, pace, limit=100_000, seed=3)
    found = simulate(top, whole, built.folder, tmp_path, inputs)
    modular, _ = _run(program, built, tmp_path / "modular", pace, built.depths)
    assert found.ending == modular.ending == "complete"
    for port in ("x", "y"):
        assert found.cycles[port].tolist() == modular.cycles[port].tolist()
    assert found.words["y"].tolist() == modular.words["y"].tolist()
    assert found.marks["y"].tolist() == modular.marks["y"].tolist()
