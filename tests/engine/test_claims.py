from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from inrarch.engine.claims import Claims, file_system_time
from inrarch.engine.holder import Holder, parse_holder, this_process

NAME = "f" * 64


@pytest.fixture
def claims(tmp_path: Path) -> Claims:
    (tmp_path / "claims" / "builds").mkdir(parents=True)
    return Claims(tmp_path / "claims", beat_s=0.05, expires_s=0.4)


def take(claims: Claims, patience_s: float = 5.0) -> tuple[bool, list[Holder | None]]:
    """Try to hold the claim; whether we did, and whom we waited for."""
    deadline = time.monotonic() + patience_s
    waited: list[Holder | None] = []
    with claims.hold(NAME, give_up=lambda: time.monotonic() > deadline, waiting=waited.append):
        path = claims._folder / NAME
        held = path.exists() and parse_holder(path.read_text()) == this_process()
    return held, waited


def write(claims: Claims, text: str) -> Path:
    path = claims._folder / NAME
    path.write_text(text)
    return path


def ended_process() -> Holder:
    """A process of this machine that has ended."""
    script = "from inrarch.engine.holder import this_process; print(this_process().text())"
    holder = parse_holder(
        subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout.decode()
    )
    assert holder is not None
    return holder


def test_a_free_claim_is_taken_and_given_back(claims: Claims) -> None:
    assert take(claims) == (True, [])
    assert not (claims._folder / NAME).exists()


def test_a_claim_of_a_living_process_is_waited_for_and_named(claims: Claims) -> None:
    other = replace(this_process(), pid=os.getppid(), started=_started(os.getppid()))
    path = write(claims, other.text())
    threading.Timer(0.3, path.unlink).start()
    began = time.monotonic()
    assert take(claims) == (True, [other])
    assert time.monotonic() - began >= 0.3
    assert str(other) == f"process {os.getppid()} on {os.uname().nodename}"


def _started(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def test_a_claim_of_a_process_that_has_ended_is_void_at_once(claims: Claims) -> None:
    write(claims, ended_process().text())
    assert take(claims) == (True, [])


def test_a_claim_of_another_process_that_had_the_same_number_is_void(claims: Claims) -> None:
    write(claims, replace(this_process(), started=1).text())
    assert take(claims) == (True, [])


@pytest.mark.parametrize("text", ["", '{"host"', "[1]"])
def test_half_a_claim_is_believed_until_it_expires(claims: Claims, text: str) -> None:
    write(claims, text)
    began = time.monotonic()
    assert take(claims) == (True, [None])
    assert 0.4 <= time.monotonic() - began < 3


def test_a_claim_of_another_machine_is_believed_as_long_as_it_is_touched(claims: Claims) -> None:
    path = write(claims, replace(this_process(), machine="another").text())
    ended = threading.Event()

    def touch() -> None:
        then = 1e9  # a clock far behind ours
        while not ended.wait(0.1):
            then += 0.1
            os.utime(path, (then, then))

    thread = threading.Thread(target=touch)
    thread.start()
    try:
        assert take(claims, patience_s=1.2)[0] is False
    finally:
        ended.set()
        thread.join()
    assert take(claims)[0] is True


def test_a_build_touches_what_it_holds(claims: Claims) -> None:
    with claims.beating(), claims.hold(NAME, give_up=lambda: False, waiting=lambda holder: None):
        paths = [claims._folder / NAME, *claims.living_builds()]
        assert len(paths) == 2
        for path in paths:
            os.utime(path, (0, 0))
        deadline = time.monotonic() + 5
        while any(path.stat().st_mtime == 0 for path in paths):
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert claims.living_builds() == {}
    assert claims.abandoned() == []


def test_a_lost_claim_is_not_taken_from_its_new_holder(claims: Claims) -> None:
    other = replace(this_process(), pid=1)
    with claims.hold(NAME, give_up=lambda: False, waiting=lambda holder: None):
        write(claims, other.text())
    assert json.loads((claims._folder / NAME).read_text()) == asdict(other)


def test_where_no_claim_can_be_written_the_work_is_done_without(tmp_path: Path) -> None:
    with Claims(tmp_path / "nowhere").hold(NAME, give_up=lambda: False, waiting=lambda holder: None):
        assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="Not a directory"), Claims(tmp_path / "file").beating():
        pass


def test_leases_of_builds_that_live_are_told_from_abandoned_ones(claims: Claims) -> None:
    now = file_system_time(claims._folder)
    builds = claims._folder / "builds"
    (builds / "1000-dead").write_text(ended_process().text())
    (builds / "2000-remote").write_text(replace(this_process(), machine="another").text())
    (builds / "3000-silent").write_text(replace(this_process(), machine="another").text())
    os.utime(builds / "3000-silent", (now - 4000, now - 4000))
    write(claims, "half a claim")
    with claims.beating():
        living = claims.living_builds()
        assert sorted(living.values())[0] == 2000
        assert abs(max(living.values()) - now) < 60
        assert len(living) == 2
        assert {path.name for path in claims.abandoned()} == {"1000-dead", "3000-silent"}


def test_a_process_knows_itself_and_that_it_lives() -> None:
    me = this_process()
    assert me.pid == os.getpid()
    assert me.lives() is True
    assert parse_holder(me.text()) == me
    assert ended_process().lives() is False
    assert replace(me, machine="another").lives() is None
