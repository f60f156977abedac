"""The stage `fifo`: network.json alone gives depths.json."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inrarch.engine.stage import StageRun
from inrarch.errors import UserError
from inrarch.fifo.depths import load_depths
from inrarch.stages.fifo import STAGE
from tests.fifo.naive import simulate
from tests.fifo.test_simulate import reconvergent


@pytest.fixture
def step(tmp_path: Path) -> StageRun:
    for name in ("map", "fifo", "scratch"):
        (tmp_path / name).mkdir()
    (tmp_path / "map" / "network.json").write_text(json.dumps(reconvergent(delay=20)))
    return StageRun({"map": tmp_path / "map"}, {}, {}, tmp_path / "fifo", tmp_path / "scratch")


def test_depths_are_written_and_summed_up(step: StageRun) -> None:
    summary = STAGE.run(step)
    depths = load_depths(step.output / "depths.json")
    assert summary == f"{depths.cycles} cycles, no deadlock; 3 streams with {depths.words} words, 0 BRAM18"
    assert depths.deadlock_free


def test_the_file_has_the_keys_of_the_design(step: StageRun) -> None:
    STAGE.run(step)
    keys = json.loads((step.output / "depths.json").read_text()).keys()
    expected = "depths cycles unbounded_cycles words bits bram18 lower_bound deadlock_free high_water processes"
    expected += " objective slack limit gap optimal method one_less"
    assert set(keys) == set(expected.split())


def test_an_inconsistent_network_is_a_clear_error(step: StageRun) -> None:
    network = reconvergent(delay=20)
    network["processes"][2]["schedule"] = []
    (step.inputs["map"] / "network.json").write_text(json.dumps(network))
    with pytest.raises(UserError, match="stream 'short' is read by no process"):
        STAGE.run(step)
    assert list(step.output.iterdir()) == []


def test_what_one_word_less_costs_is_written(step: StageRun) -> None:
    STAGE.run(step)
    depths = load_depths(step.output / "depths.json")
    assert depths.depths["short"] > 2
    fewer = simulate(reconvergent(delay=20), {**depths.depths, "short": depths.depths["short"] - 1})
    assert fewer is not None
    assert depths.one_less == {"short": fewer["cycles"]}
    assert fewer["cycles"] > depths.unbounded_cycles
