"""`inrarch compare` in a workspace whose only stage is a report of the test's own; the engine is the real one."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from inrarch.cli.main import main
from inrarch.engine.loader import Source, WorkspaceLoader
from tests.workspace import ROOT

PROJECT = """\
matrix: {axes: {board: [u50, kv260], derivatives.order: [1, 2]}}
clock_mhz: 300
"""

STAGE = """
import json
from inrarch.engine.stage import Stage
from inrarch.report.summary import summarise
from tests.report import sample

def run(step):
    csim = sample.csim() | {"mismatches": int(step.settings["name"] == "u50-order2")}
    report = summarise(sample.full_evidence(csim=csim))
    report["derivatives"]["macs_per_row"] *= step.settings["order"]
    (step.output / "report.json").write_text(json.dumps(report))
    (step.output / "index.html").write_text("the report")

def settings(variant):
    order, clock = variant.derivatives.order, variant.clock_mhz
    return {"name": variant.name, "board": variant.board.name, "order": order, "clock": clock}

STAGE = Stage(name="report", title="", run=run, settings=settings)
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "one_stage").mkdir()
    (tmp_path / "one_stage" / "__init__.py").write_text("")
    (tmp_path / "one_stage" / "report.py").write_text(STAGE)
    folder = tmp_path / "projects" / "net"
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_text("")
    (folder / "project.yaml").write_text(PROJECT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "one_stage"]:
        monkeypatch.delitem(sys.modules, name)
    read = WorkspaceLoader.read

    def with_our_stage(loader: WorkspaceLoader) -> Source:
        return replace(read(loader), package="one_stage")

    monkeypatch.setattr(WorkspaceLoader, "read", with_our_stage)
    return tmp_path


def test_the_page_shows_what_was_built_of_the_present_inputs(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare"]) == 3
    assert capsys.readouterr().err == ("none of 4 variants has a report of its present inputs\nhint: doit build\n")
    assert not (workspace / "build").exists()

    assert main(["build", "net@*order1", "net@u50-order2"]) == 0
    capsys.readouterr()
    assert main(["compare"]) == 0
    assert capsys.readouterr().out == "build/compare.html: 4 variants, 1 without a report\n"
    page = (workspace / "build" / "compare.html").read_text()
    assert "2 verified" in page
    assert "1 FAILED" in page
    assert "1 not built" in page
    assert '<a href="net/u50-order1/report/index.html">u50-order1</a>' in page

    assert main(["compare", "net@u50*", "-o", "elsewhere/a page.html"]) == 0
    assert capsys.readouterr().out == "elsewhere/a page.html: 2 variants, 0 without a report\n"
    page = (workspace / "elsewhere" / "a page.html").read_text()
    assert 'href="../build/net/u50-order1/report/index.html"' in page
    assert "kv260" not in page

    project = workspace / "projects" / "net" / "project.yaml"
    project.write_text(PROJECT.replace("clock_mhz: 300", "clock_mhz: 250"))
    assert main(["compare", "net@*order1"]) == 3
    assert capsys.readouterr().err.endswith("hint: doit build 'net@*order1'\n")
    assert main(["build", "net@kv260-order1"]) == 0
    assert main(["compare"]) == 0
    page = (workspace / "build" / "compare.html").read_text()
    assert "1 verified" in page
    assert "2 out of date" in page


def test_a_page_that_cannot_be_written_is_told(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "net@u50-order1"]) == 0
    capsys.readouterr()
    assert main(["compare", "-o", "projects"]) == 3
    assert capsys.readouterr().err == "projects: cannot be written: Is a directory\n"


def test_a_name_that_stands_for_nothing_is_told(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "nett"]) == 3
    assert capsys.readouterr().err.startswith("no project 'nett'; expected one of net\nhint: did you mean 'net'?")


def test_reports_in_a_shared_store_are_found(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / "inrarch.yaml").write_text("store: disk\n")
    assert main(["build", "net@u50-order1"]) == 0
    assert not (workspace / "build" / ".store").exists()
    capsys.readouterr()
    assert main(["compare", "net@u50-order1"]) == 0
    assert capsys.readouterr().out == "build/compare.html: 1 variant, 0 without a report\n"
