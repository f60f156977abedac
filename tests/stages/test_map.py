"""The stage `map`: from the artefacts of optimize and quantize to network.json."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from inrarch import derive
from inrarch.boards import load_board
from inrarch.config.load import load_workspace
from inrarch.engine.stage import Settings, StageRun
from inrarch.errors import UserError
from inrarch.fifo.load import load
from inrarch.graph.load import load_model
from inrarch.graph.save import save_model
from inrarch.numeric.formats import save_formats
from inrarch.stages.map import STAGE
from tests.dataflow.networks import FREE, plain_formats
from tests.models import siren


def settings(board: str = "u50", **pinned: dict[str, int]) -> Settings:
    return {
        "rows": 8,
        "pinned": pinned,
        "sparse": "auto",
        "objective": "throughput",
        "clock_mhz": 300.0,
        "constraints": asdict(FREE),
        "board": json.loads(json.dumps(asdict(load_board(board)))),
    }


@pytest.fixture
def step(tmp_path: Path) -> StageRun:
    inputs = {name: tmp_path / name for name in ("optimize", "quantize")}
    for folder in (*inputs.values(), tmp_path / "map", tmp_path / "scratch"):
        folder.mkdir()
    graph = load_model(derive(siren((2, 64, 64, 1)), order=2))
    save_model(graph, inputs["optimize"] / "derivative.onnx")
    save_formats(plain_formats(graph), inputs["quantize"] / "formats.json")
    return StageRun(inputs, {}, settings(), tmp_path / "map", tmp_path / "scratch")


def with_settings(step: StageRun, given: Settings) -> StageRun:
    return StageRun(step.inputs, step.files, given, step.output, step.scratch)


def test_network_is_written_and_summed_up(step: StageRun, capsys: pytest.CaptureFixture[str]) -> None:
    summary = STAGE.run(step)
    network = load(step.output / "network.json")
    assert summary is not None
    assert summary.startswith(f"{len(network.processes)} processes (3 matmul units), {len(network.streams)} streams; ")
    assert "net_1" in capsys.readouterr().out
    assert network.sequential


def test_two_runs_write_the_same_bytes(step: StageRun) -> None:
    STAGE.run(step)
    first = (step.output / "network.json").read_bytes()
    STAGE.run(step)
    assert (step.output / "network.json").read_bytes() == first


def test_the_slice_of_configuration_survives_json() -> None:
    variant = load_workspace(Path(__file__).parents[2]).projects[0].variants[0]
    given = STAGE.settings(variant)
    assert json.loads(json.dumps(given)) == given


def test_pinned_lanes_reach_the_network(step: StageRun) -> None:
    STAGE.run(with_settings(step, settings(net_1={"inputs": 4, "outputs": 8})))
    network = json.loads((step.output / "network.json").read_text())
    unit = next(each["parameters"] for each in network["processes"] if each["name"] == "net_1")
    assert (unit["lanes_in"], unit["lanes_out"]) == (4, 8)


def test_a_board_that_is_too_small_leaves_nothing_behind(step: StageRun) -> None:
    given = settings("ulx3s_85f")
    given["constraints"]["dsp"] = 0.1
    with pytest.raises(UserError, match="the network needs"):
        STAGE.run(with_settings(step, given))
    assert list(step.output.iterdir()) == []
