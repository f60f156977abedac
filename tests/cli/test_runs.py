"""`inrarch runs` on records made by hand, in a workspace with nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from inrarch.cli.main import main
from inrarch.engine.run_files import write_record
from tests.run_records import record, variant

FIRST, SECOND, IDLE = "20261120-080000-0000", "20261121-130303-6ae1", "20261122-000000-1234-idle"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "inrarch.yaml").write_text("{}\n")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "projects").mkdir()
    return tmp_path


@pytest.fixture
def built(workspace: Path) -> Path:
    metrics = {**variant()["metrics"], "cycles": 150}
    write_record(workspace / "build", record(FIRST))
    write_record(workspace / "build", record(SECOND, variant(metrics=metrics)))
    write_record(workspace / "build", record(IDLE, idle=True, variants=[]))
    return workspace


def test_before_the_first_build_there_is_nothing_to_list(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs"]) == 0
    assert capsys.readouterr().out == "no build has run here yet\n"
    assert not (workspace / "build").exists()


def test_the_newest_come_first(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["id", IDLE, SECOND, FIRST]
    assert main(["runs", "-n", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["id", IDLE]
    assert lines[2] == "... and 2 older ones: `inrarch runs -n 0`"


def test_a_damaged_record_does_not_hide_the_others(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = built / "build" / ".runs" / f"{SECOND}.json"
    path.write_text("{")
    assert main(["runs"]) == 0
    told = capsys.readouterr()
    assert FIRST in told.out
    assert told.err == f"{path}: is not the record of a build\nhint: remove the file\n"


@pytest.mark.parametrize(("typed", "shown"), [([], SECOND), (["last-1"], FIRST), (["20261120"], FIRST)])
def test_one_run_is_shown(built: Path, capsys: pytest.CaptureFixture[str], typed: list[str], shown: str) -> None:
    assert main(["runs", "show", *typed]) == 0
    assert capsys.readouterr().out.startswith(f"run {shown}: ok\n")


def test_the_last_two_runs_are_compared_unless_others_are_named(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["runs", "compare"]) == 0
    text = capsys.readouterr().out
    assert text.split()[:2] == [FIRST, SECOND]
    assert "cycles  100     150    +50.0%" in text
    assert main(["runs", "compare", "last", "0000"]) == 0
    assert "cycles  150     100    -33.3%" in capsys.readouterr().out


def test_an_unknown_run_is_told(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "show", "xyz"]) == 3
    assert capsys.readouterr().err == (
        f"there is no run 'xyz'; expected last, last-1, ..., or the beginning or end of one of {IDLE}, {SECOND}, "
        f"{FIRST}\nhint: `inrarch runs` lists them\n"
    )


def test_the_csv_goes_to_the_terminal_or_to_a_file(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "export"]) == 0
    text = capsys.readouterr().out
    assert [line.split(",")[0] for line in text.splitlines()] == ["run", FIRST, SECOND]
    assert main(["runs", "export", "-o", "runs.csv"]) == 0
    assert capsys.readouterr().out == "runs.csv: 2 rows\n"
    assert (built / "runs.csv").read_text() == text
    assert main(["runs", "export", "last"]) == 0
    assert [line.split(",")[0] for line in capsys.readouterr().out.splitlines()] == ["run", SECOND]


def test_a_csv_that_cannot_be_written_is_told(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "export", "-o", "nowhere/runs.csv"]) == 3
    assert capsys.readouterr().err == "nowhere/runs.csv: cannot be written: No such file or directory\n"
