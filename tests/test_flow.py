"""The whole pipeline with its real stages: what runs again when something changes, and what never does."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from inrarch.stages import stages
from tests.workspace import PROJECT, ROOT, TestWorkspace, make_workspace

STAGES = [stage.name for stage in stages()]
TWO_BOARDS = PROJECT.replace("board: kv260\n", "") + "matrix: {axes: {board: [kv260, zcu102]}}\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> TestWorkspace:
    workspace = make_workspace(tmp_path_factory.mktemp("flow"), TWO_BOARDS)
    first = workspace.inrarch("build", "net@kv260")
    assert first.code == 0, first.text
    assert sorted(workspace.ran(first.text)) == sorted(f"kv260:{stage}" for stage in STAGES)
    return workspace


def test_a_build_ends_with_a_verified_report(built: TestWorkspace) -> None:
    report = json.loads((built.build / "net/kv260/report/report.json").read_text())
    assert report["project"] == "net"
    assert report["variant"] == "kv260"
    assert sorted(report["accuracy"]) == ["y", "y_d0", "y_d1"]
    assert all(0 < output["max_rel"] <= 0.01 for output in report["accuracy"].values())
    assert report["fifo"]["deadlock_free"] is True
    page = (built.build / "net/kv260/report/index.html").read_text(encoding="utf-8")
    assert "http://" not in page.replace("http://www.w3.org/", "")
    assert "https://" not in page


def test_operators_are_built_and_verified(tmp_path: Path) -> None:
    operators = "derivatives: {outputs: [y, laplacian, heat], terms: {heat: {d0: 1, d11: -0.25, '': 2}}}\n"
    workspace = make_workspace(tmp_path, re.sub(r"derivatives:.*\n", operators, PROJECT))
    done = workspace.inrarch("build", "net")
    assert done.code == 0, done.text
    report = json.loads((workspace.build / "net/default/report/report.json").read_text())
    assert report["verdict"]["passed"] is True
    assert {name: output["order"] for name, output in report["accuracy"].items()} == {
        "y": 0,
        "y_laplacian": 2,
        "y_heat": 2,
    }
    assert report["derivatives"]["method"] == "taylor"
    assert "Δy" in (workspace.build / "net/default/report/index.html").read_text(encoding="utf-8")


def test_a_second_build_runs_nothing_and_says_so(built: TestWorkspace) -> None:
    again = built.inrarch("build", "net@kv260")
    assert again.code == 0
    assert built.ran(again.text) == []
    assert "up to date" in again.text


def test_another_board_runs_neither_expand_nor_optimize_nor_quantize(built: TestWorkspace) -> None:
    other = built.inrarch("build", "net@zcu102")
    assert other.code == 0, other.text
    ran = built.ran(other.text)
    assert "zcu102:map" in ran
    assert not {"zcu102:expand", "zcu102:optimize", "zcu102:quantize"} & set(ran)
    for stage in ("expand", "optimize", "quantize"):
        assert (built.build / "net/kv260" / stage).resolve() == (built.build / "net/zcu102" / stage).resolve()


def test_one_changed_weight_runs_everything_again(built: TestWorkspace) -> None:
    before = (built.project / "model.onnx").read_bytes()
    model = onnx.load_model_from_string(before)
    weight = next(tensor for tensor in model.graph.initializer if len(tensor.dims) == 2)
    array = numpy_helper.to_array(weight).copy()
    array[0, 0] += np.float32(0.125)
    weight.CopyFrom(numpy_helper.from_array(array, weight.name))
    built.save(model)
    again = built.inrarch("build", "net@kv260", "--until", "hls")
    assert again.code == 0, again.text
    # quantize to hls read the weights; map and fifo read formats that changed with them
    ran = {name.removeprefix("kv260:") for name in built.ran(again.text)}
    assert {"expand", "optimize", "quantize", "hls"} <= ran
    assert "model" in again.text.splitlines()[0]  # the reason
    built.save(before)
    back = built.inrarch("build", "net@kv260")
    assert (back.code, built.ran(back.text)) == (0, [])


def test_kill_in_the_middle_loses_no_finished_stage_and_damages_nothing(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path)
    running = subprocess.Popen(
        [sys.executable, "-m", "inrarch", "build"], cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    )
    deadline = time.monotonic() + 60
    while not (workspace.build / "net/default/quantize").exists():
        assert time.monotonic() < deadline
        assert running.poll() is None, "the build ended before it could be killed"
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()
    after = workspace.inrarch("build")
    assert after.code == 0, after.text
    ran = {name.removeprefix("default:") for name in workspace.ran(after.text)}
    assert not {"expand", "optimize", "quantize"} & ran
    assert {"csim", "report", "verdict"} <= ran


def test_a_tolerance_that_is_missed_fails_the_build_judges_again_only_and_keeps_the_report(
    built: TestWorkspace,
) -> None:
    built.configure(TWO_BOARDS.replace("rows: 64,", "rows: 64, tolerance: 1e-9,"))
    missed = built.inrarch("build", "net@kv260")
    built.configure(TWO_BOARDS)
    assert missed.code == 1, missed.text
    assert "tolerance 1.00e-9" in missed.text
    assert built.ran(missed.text) == ["kv260:report", "kv260:verdict"]
    page = (built.build / "net/kv260/report/index.html").read_text(encoding="utf-8")
    assert "Verified" not in page.split("</section>")[0]
    back = built.inrarch("build", "net@kv260")
    assert (back.code, built.ran(back.text)) == (0, [])


def test_init_writes_a_project_that_builds(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path)
    made = workspace.inrarch("init", "second", "--onnx", "projects/net/model.onnx")
    assert made.code == 0, made.text
    built = workspace.inrarch("build", "second", "--until", "fifo")
    assert built.code == 0, built.text
