"""Two builds of one directory at the same instant."""

from __future__ import annotations

import os
import re
import signal
import time
from collections import Counter

from tests.engine.campaign.field import TALLY, Build, Field, start_server


def together(field: Field, other: Field, *arguments: str) -> list[tuple[int, int, str]]:
    """Two builds, started at once; process id, exit code and output of each."""
    builds = [each.request("build", *arguments) for each in (field, other)]
    for build in builds:
        build.begin()
    return [(build.pid, build.wait(), build.text()) for build in builds]


def check_all_once(field: Field) -> None:
    """Every stage ran once and is recorded; a further build does nothing."""
    assert set(Counter(field.executions()).values()) == {1}
    assert field.check() == set(field.executions())
    text = field.build()
    assert text.count("up to date (3 stages)") == 2
    assert field.check() == set(field.executions())


def second(field: Field) -> Field:
    return Field(field.toy, field.marker, start_server(), field.expected)


def test_of_two_builds_at_once_one_is_refused_or_both_are_right(field: Field) -> None:
    other = second(field)
    field.toy.write_stage("second", ("first",), ("scale",), body='text += str(work.settings["scale"])')
    for _ in range(20):
        (pid, code, text), (other_pid, other_code, other_text) = together(field, other, "--until", "first")
        assert {code, other_code} <= {0, 3}
        assert 0 in (code, other_code)
        for refused, message, holder in ((code, text, other_pid), (other_code, other_text, pid)):
            if refused:
                assert message == (
                    f"ERROR: another build (process {holder}) is using {field.build_folder}\n"
                    "hint: wait until it has finished (`build --wait` does), or stop it\n"
                )
        assert len(field.executions()) == len(field.check()) == 1
        assert field.build("--until", "first").count("up to date (1 stage)") == 2
        assert len(field.executions()) == 1
        TALLY["two builds at once"] += 1
        field.reset()
    other.close()


def test_of_two_builds_at_once_the_second_one_waits_when_told_so(field: Field) -> None:
    other = second(field)
    for _ in range(2):
        ended = together(field, other, "--wait", "-n", "2")
        assert [code for _, code, _ in ended] == [0, 0], ended
        waiting = [re.search(r"waiting for another build \(process (\d+)\)", text) for _, _, text in ended]
        assert {found[1] for found in waiting if found} <= {str(pid) for pid, _, _ in ended}
        check_all_once(field)
        assert field.results() == field.expected
        TALLY["two builds at once"] += 1
        field.reset()
    other.close()


def test_a_build_that_waits_goes_on_when_the_first_one_is_killed_and_ends_when_stopped(field: Field) -> None:
    other = second(field)
    field.toy.delay("first", 30)
    killed = field.start("build")
    field.toy.wait_for_run("first")
    stopped = other.start("build", "--wait")
    _wait_for_text(stopped, f"waiting for another build (process {killed.pid})")
    os.kill(stopped.pid, signal.SIGTERM)
    assert stopped.wait() == 128 + signal.SIGTERM
    waiting = other.start("build", "--wait")
    _wait_for_text(waiting, f"waiting for another build (process {killed.pid})")
    field.toy.delay("first", None)
    os.kill(killed.pid, signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    assert waiting.wait() == 0, waiting.text()
    field.check()
    assert field.results() == field.expected
    other.close()


def _wait_for_text(build: Build, text: str) -> None:
    deadline = time.monotonic() + 20
    while text not in build.text():
        assert time.monotonic() < deadline
        time.sleep(0.01)
