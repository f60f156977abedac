from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import jsonschema
import pytest

from inrarch.config.schema import load_schema
from inrarch.engine import run_files
from inrarch.engine.run_files import drop_old_idle, find_id, make_id, read_record, run_ids, write_record
from inrarch.errors import UserError
from tests.run_records import record

OLD, MIDDLE, NEW = "20261120-080000-0000", "20261121-130303-6ae1", "20261121-130303-f000"
IDLE = "20261122-000000-1234-idle"


@pytest.fixture
def build(tmp_path: Path) -> Path:
    for name in (MIDDLE, OLD, IDLE, NEW):
        write_record(tmp_path, record(name))
    return tmp_path


def test_ids_sort_by_age_whatever_the_time_zone() -> None:
    moment = datetime(2026, 11, 21, 13, 3, 3, 417_000, tzinfo=UTC)
    assert make_id(moment) == "20261121-130303-6ac0"
    assert make_id(moment.astimezone(timezone(timedelta(hours=9)))) == make_id(moment)
    assert make_id(moment + timedelta(microseconds=500)) > make_id(moment)


def test_the_hand_made_record_of_the_tests_satisfies_the_schema() -> None:
    jsonschema.validate(record(), load_schema("run"))


def test_what_is_written_is_read(build: Path) -> None:
    assert read_record(build, OLD) == record(OLD)
    assert run_ids(build) == [IDLE, NEW, MIDDLE, OLD]


def test_other_files_are_no_records(build: Path) -> None:
    (build / ".runs" / f".{NEW}.new").write_text("{")
    (build / ".runs" / "notes.json").write_text("{}")
    assert run_ids(build) == [IDLE, NEW, MIDDLE, OLD]


def test_a_build_directory_without_records_has_none(tmp_path: Path) -> None:
    assert run_ids(tmp_path / "nowhere") == []


def test_a_write_that_fails_leaves_the_old_record_and_no_other_file(
    build: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        write_record(build, record(OLD, status="failed"))
    assert read_record(build, OLD)["status"] == "ok"
    assert len(list((build / ".runs").iterdir())) == 4


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("last", NEW),
        ("last-0", NEW),
        ("last-1", MIDDLE),
        ("last-2", OLD),
        (MIDDLE, MIDDLE),
        ("6ae1", MIDDLE),
        ("20261120", OLD),
        ("1234", IDLE),
        ("20261122-", IDLE),
    ],
)
def test_a_run_is_found_by_what_a_person_types(build: Path, typed: str, found: str) -> None:
    assert find_id(build, typed) == found


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (
            "last-3",
            f"there is no run 'last-3'; expected last, last-1, ..., or the beginning or end of one of {NEW}, {MIDDLE},"
            f" {OLD}\nhint: `inrarch runs` lists them",
        ),
        (
            "20261121-130303-6ae2",
            f"there is no run '20261121-130303-6ae2'; expected last, last-1, ..., or the beginning or end of one of "
            f"{IDLE}, {NEW}, {MIDDLE}, {OLD}\nhint: did you mean '{MIDDLE}'?",
        ),
        ("20261121", f"'20261121' stands for 2 runs; expected one of {NEW}, {MIDDLE}"),
        (
            "",
            f"there is no run ''; expected last, last-1, ..., or the beginning or end of one of {IDLE}, {NEW}, "
            f"{MIDDLE}, {OLD}\nhint: `inrarch runs` lists them",
        ),
    ],
)
def test_a_run_that_is_not_found_is_told_with_those_there_are(build: Path, typed: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        find_id(build, typed)
    assert caught.value.text() == message


def test_before_the_first_build_the_message_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no run 'last'; expected a build to have run before"):
        find_id(tmp_path, "last")


def test_only_the_newest_idle_records_are_kept(build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_files, "MOST_IDLE", 2)
    for second in range(5):
        write_record(build, record(f"20261123-00000{second}-0000-idle"))
    drop_old_idle(build)
    assert run_ids(build) == ["20261123-000004-0000-idle", "20261123-000003-0000-idle", NEW, MIDDLE, OLD]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not the record of a build\nhint: remove the file"),
        ("[]", "is not the record of a build\nhint: remove the file"),
        ('{"format": 1}', "is not the record of a build\nhint: remove the file"),
        (json.dumps(record() | {"format": 2}), "was written by another version of inrarch"),
    ],
)
def test_a_damaged_record_is_told(build: Path, text: str, message: str) -> None:
    path = build / ".runs" / f"{OLD}.json"
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        read_record(build, OLD)
    assert caught.value.text() == f"{path}: {message}"


def test_a_build_that_never_ended_was_killed_or_still_runs(build: Path) -> None:
    process = subprocess.Popen(["sleep", "60"])
    host = os.uname().nodename
    write_record(build, record(OLD, status="running", pid=process.pid, host=host))
    assert read_record(build, OLD)["status"] == "running"
    process.kill()
    process.wait()
    assert read_record(build, OLD)["status"] == "killed"
    write_record(build, record(OLD, status="running", pid=process.pid, host="elsewhere"))
    assert read_record(build, OLD)["status"] == "running"
