"""The stage `fifo`: network.json alone gives depths.json."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from inrarch.engine.stage import StageRun
from inrarch.errors import UserError
from inrarch.fifo.depths import load_depths
from inrarch.fifo.memory import luts_on
from inrarch.stages.fifo import STAGE
from tests.config.folder import Folder
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
    expected += " objective cost bound slack limit gap optimal method one_less"
    assert set(keys) == set(expected.split())


def test_luts_are_those_of_the_board(step: StageRun) -> None:
    text = "model: model.onnx\nderivatives: {order: 1}\nboard: ulx3s_85f\nfifo: {objective: luts}\n"
    variant = Folder(step.output.parent).variant(text)
    settings = dict(STAGE.settings(variant))
    assert json.loads(json.dumps(settings)) == settings
    STAGE.run(replace(step, settings=settings))
    depths = load_depths(step.output / "depths.json")
    luts = luts_on(variant.board.family.fabric.memory)
    assert depths.objective == "luts"
    assert depths.cost == sum(luts(depth, 24) for depth in depths.depths.values()) > 0
    assert depths.optimal


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
