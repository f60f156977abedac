"""Every build of the toy workspace leaves a record, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import jsonschema

from inrarch.config.schema import load_schema
from inrarch.engine.run_files import read_record, run_ids
from tests.engine.toy import Toy, end

REPORT = """
    import json
    report = {
        "verdict": {"passed": True, "summary": "fine", "failures": [], "warnings": []},
        "inputs": {"model": "0" * 64, "first": "1" * 64},
        "accuracy": {"y": {"max_rel": 0.25, "order": 0}},
        "cycles": {"predicted": len(text), "ii_per_row": None, "lower_bound": None, "cosim": None},
        "resources": dict.fromkeys(("lut", "ff", "dsp", "bram18", "uram")),
        "fifo": {"words": 3, "bram18": 0}, "derivatives": {"macs_per_row": 1, "matmuls": 1},
        "latency_us": None, "fmax_mhz": None,
    }
    (work.output / "report.json").write_text(json.dumps(report))
"""


def records(toy: Toy) -> list[dict[str, Any]]:
    """All records, oldest first; each satisfies the schema (which knows no `killed`)."""
    found = [read_record(toy.root / "build", name) for name in reversed(run_ids(toy.root / "build"))]
    for record in found:
        stored = record | ({"status": "running"} if record["status"] == "killed" else {})
        jsonschema.validate(stored, load_schema("run"))
    return found


def outcomes(record: dict[str, Any]) -> list[str]:
    return [stage["outcome"] for variant in record["variants"] for stage in variant["stages"]]


def test_a_build_records_what_ran_why_and_how_it_was_configured(toy: Toy) -> None:
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 2, "board": "u50"}))
    toy.doit("build", "p")
    first, second = records(toy)
    assert outcomes(first) == ["ran", "ran", "ran"]
    assert (first["status"], first["exit_code"], first["git"]) == ("ok", 0, None)
    assert second["command"] == ["driver.py", "build", "p"]
    assert second["stages"] == {"ran": 1, "current": 2, "failed": 0, "broken": 0, "not run": 0}
    stages = second["variants"][0]["stages"]
    assert stages[1].pop("seconds") > 0
    assert stages[1] == {"stage": "second", "outcome": "ran", "reasons": ["scale: 1 -> 2"], "summary": "3 characters"}
    assert second["variants"][0]["configuration"] == {"settings.board": "u50", "settings.scale": 2}


def test_the_figures_of_the_report_are_recorded_and_go_when_it_does(toy: Toy) -> None:
    toy.write_stage("report", ("third",), ("board",), body=REPORT.strip())
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 1, "board": "u51", "fail": "third"}))
    toy.doit("build", code=1)
    toy.doit("build", "p:second")
    first, second, third = records(toy)
    result = first["variants"][0]
    assert result["verdict"] == {"passed": True, "summary": "fine"}
    assert result["metrics"] == {
        "max_rel": 0.25,
        "max_rel.order0": 0.25,
        "cycles": 6,
        "fifo_words": 3,
        "fifo_bram18": 0,
        "macs_per_row": 1,
        "matmuls": 1,
    }
    assert result["inputs"] == {"model": "0" * 64}
    assert (toy.root / "build" / ".store" / result["report"] / "payload" / "report.json").is_file()
    for later in (second["variants"][0], *third["variants"]):
        assert later["report"] is later["verdict"] is later["metrics"] is None


def test_a_build_with_nothing_to_do_leaves_a_short_record(toy: Toy) -> None:
    toy.doit("build")
    toy.doit("build")
    busy, idle = records(toy)
    assert (busy["idle"], idle["idle"]) == (False, True)
    assert idle["id"].endswith("-idle")
    assert idle["variants"] == []
    assert idle["stages"]["current"] == 3


def test_going_back_to_an_earlier_setting_is_no_idle_build_though_nothing_runs(toy: Toy) -> None:
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 1, "board": "u51"}))
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 1, "board": "u50"}))
    toy.doit("build")
    back = records(toy)[-1]
    assert outcomes(back) == ["current", "current", "current"]
    assert back["idle"] is False
    assert back["variants"][0]["configuration"]["settings.board"] == "u50"


def test_a_build_that_fails_is_recorded(toy: Toy) -> None:
    toy.write_variants(("p", "v", {"fail": "second"}), ("p", "w", {"crash": "first"}))
    toy.doit("build", code=2)
    (record,) = records(toy)
    assert (record["status"], record["exit_code"]) == ("broken", 2)
    assert outcomes(record) == ["ran", "failed", "not run", "broken", "not run", "not run"]
    assert "model: node 'x': the number is odd; expected an even one" in record["variants"][0]["stages"][1]["summary"]
    toy.write_variants(("p", "v", {"fail": "second"}))
    toy.doit("build", code=1)
    assert records(toy)[-1]["status"] == "failed"


def test_a_build_that_is_interrupted_is_recorded(toy: Toy) -> None:
    toy.delay("second", 30)
    process = toy.start("build")
    toy.wait_for_run("second")
    end(process, signal.SIGINT)
    (record,) = records(toy)
    assert (record["status"], record["exit_code"]) == ("interrupted", 130)
    assert outcomes(record) == ["ran", "not run", "not run"]


def test_a_build_that_is_killed_has_left_a_record_that_says_so(toy: Toy) -> None:
    toy.delay("second", 30)
    process = toy.start("build")
    toy.wait_for_run("second")
    end(process, signal.SIGKILL)
    (record,) = records(toy)
    assert (record["status"], record["finished"], record["exit_code"]) == ("killed", None, None)
    toy.delay("second", None)
    toy.doit("build")
    assert [each["status"] for each in records(toy)] == ["killed", "ok"]


def test_no_record_is_made_where_nothing_was_to_be_built(toy: Toy) -> None:
    toy.doit("build", "--dry-run")
    toy.doit("build", "nothing", code=3)
    toy.doit("list")
    assert run_ids(toy.root / "build") == []


def test_a_record_that_cannot_be_written_is_told_and_the_build_is_well(toy: Toy) -> None:
    (toy.root / "build").mkdir()
    (toy.root / "build" / ".runs").write_text("in the way")
    text = toy.doit("build")
    assert text.count(f"this build was not recorded in {toy.root / 'build' / '.runs'}: File exists") == 1
    assert toy.payload("third").is_dir()


def test_cleaning_leaves_the_records(toy: Toy) -> None:
    toy.doit("build")
    toy.doit("clean")
    assert len(run_ids(toy.root / "build")) == 1


def test_the_commit_is_recorded(toy: Toy) -> None:
    git(toy.root, "init", "--quiet", "--initial-branch=trunk")
    toy.doit("build")
    git(toy.root, "add", "input.txt")
    git(toy.root, "commit", "--quiet", "--message=one")
    (toy.root / "input.txt").write_text("two")
    toy.doit("build")
    before, after = records(toy)
    assert before["git"] is None
    commit = git(toy.root, "rev-parse", "HEAD").strip()
    assert after["git"] == {"commit": commit, "branch": "trunk", "dirty": True}


def git(folder: Path, *arguments: str) -> str:
    who = {f"GIT_{role}_{what}": "nobody@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull}
    command = ["git", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True).stdout
