from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from inrarch.engine.parcel import pack, run_packed, unpack_end
from inrarch.engine.step import Description
from inrarch.errors import UserError

STAGE = """
import os
from inrarch.engine.stage import Stage

def run(work):
    print("hello from", "the stage")
    model = work.files["model"]
    (work.output / "sub").mkdir()
    (work.output / "empty").mkdir()
    text = (model.parent / "data" / "weights.bin").read_text() + (work.inputs["before"] / "x.txt").read_text()
    (work.output / "sub" / "out.txt").write_text(text + work.settings["more"])
    if work.settings["more"] == "fail":
        raise RuntimeError("a bug")
    return "done"

STAGE = Stage("stage", "", run, lambda variant: {})
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of a stage whose model keeps its weights in a file beside it."""
    (tmp_path / "packed").mkdir()
    (tmp_path / "packed" / "__init__.py").write_text("")
    (tmp_path / "packed" / "stage.py").write_text(STAGE)
    (tmp_path / "project" / "data").mkdir(parents=True)
    (tmp_path / "project" / "model.onnx").write_text("model")
    (tmp_path / "project" / "data" / "weights.bin").write_text("weights ")
    (tmp_path / "before").mkdir()
    (tmp_path / "before" / "x.txt").write_text("before ")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def describe(folder: Path, more: str) -> Path:
    run = folder / f"run-{more}"
    run.mkdir()
    project = folder / "project"
    Description(
        stage="stage",
        module="packed.stage",
        inputs={"before": str(folder / "before")},
        files={"model": str(project / "model.onnx"), "data weights": str(project / "data" / "weights.bin")},
        settings={"more": more},
        output=str(run / "payload"),
        scratch=str(run / "scratch"),
        result=str(run / "result.json"),
    ).write(run / "step.json")
    return run


def test_a_run_goes_there_and_its_result_comes_back(folder: Path) -> None:
    run = describe(folder, "well")
    parcel = pack(run)
    # Nothing of here may be needed there.
    for name in ("project", "before"):
        (folder / name).rename(folder / f"hidden-{name}")
    ended = unpack_end(run_packed(parcel, {}), run)
    assert ended.exit_code == 0
    assert ended.seconds > 0
    assert (run / "payload" / "sub" / "out.txt").read_text() == "weights before well"
    assert (run / "log.txt").read_text() == "hello from the stage\n"
    assert json.loads((run / "result.json").read_text())["summary"] == "done"


def test_of_a_run_that_fails_only_the_log_comes_back(folder: Path) -> None:
    run = describe(folder, "fail")
    ended = unpack_end(run_packed(pack(run), {}), run)
    assert ended.exit_code == 2
    assert "RuntimeError: a bug" in (run / "log.txt").read_text()
    assert sorted(path.name for path in run.iterdir()) == ["log.txt", "step.json"]


def test_a_parcel_names_no_path_of_the_machine_that_packed_it(folder: Path) -> None:
    with zipfile.ZipFile(BytesIO(pack(describe(folder, "well")))) as archive:
        assert str(folder) not in archive.read("step.json").decode()
        assert sorted(archive.namelist()) == [
            "files/data/weights.bin",
            "files/model.onnx",
            "inputs/0/",
            "inputs/0/x.txt",
            "step.json",
        ]


def test_an_answer_that_was_cut_off_is_told(folder: Path) -> None:
    run = describe(folder, "well")
    answer = run_packed(pack(run), {})
    with pytest.raises(UserError) as caught:
        unpack_end(answer[:-30], run)
    assert caught.value.text() == "what came back from the stage is not whole (File is not a zip file)"
    assert caught.value.exit_code == 2


def test_the_command_refuses_what_is_no_parcel(folder: Path) -> None:
    command = [sys.executable, "-m", "inrarch", "step", "-"]
    root = Path(__file__).parents[2]
    found = subprocess.run(command, input=b"nonsense", capture_output=True, cwd=root, check=False)
    assert found.returncode == 3
    assert found.stdout == b""
    assert found.stderr == b"what stands on the standard input is not a packed stage (File is not a zip file)\n"
