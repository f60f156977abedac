from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from inrarch.errors import UserError
from inrarch.tools import process


def alive(text: str) -> bool:
    """Whether a process has this text in its command line."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if text in entry.read_text():
                return True
        except OSError:
            continue
    return False


@pytest.fixture
def seconds() -> str:
    """An argument for `sleep` by which our processes are known."""
    return str(10**9 + time.time_ns() % 10**9)


def wait_until(condition, timeout_s: float = 5) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_output_of_both_streams_is_captured() -> None:
    ended = process.run(("sh", "-c", "echo out; echo err >&2"))
    assert (ended.exit_code, ended.output) == (0, "out\nerr\n")


def test_output_goes_to_the_log_and_is_appended(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    for word in ("one", "two"):
        assert process.run(("echo", word), log=log).output == ""
    assert log.read_text() == "one\ntwo\n"


def test_no_shell_reads_the_arguments(tmp_path: Path) -> None:
    text = "$(touch x); `id` 'a\" *"
    assert process.run(("printf", "%s", text), cwd=tmp_path).output == text
    assert list(tmp_path.iterdir()) == []


def test_a_failure_is_an_error_with_the_last_lines() -> None:
    with pytest.raises(UserError) as caught:
        process.run(("sh", "-c", "seq 100; exit 3"), name="counter")
    assert str(caught.value) == "counter: failed with exit code 3\n" + "\n".join(map(str, range(86, 101)))
    assert caught.value.exit_code == 2


def test_a_failure_with_a_log_names_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    with pytest.raises(UserError) as caught:
        process.run(("sh", "-c", "echo why; kill -9 $$"), log=log)
    assert str(caught.value) == f"sh: was killed by SIGKILL\nwhy\nhint: its whole output is in {log}"


def test_a_failure_may_be_accepted() -> None:
    assert process.run(("false",), check=False).exit_code == 1


def test_a_program_that_cannot_be_started_is_an_error() -> None:
    with pytest.raises(UserError) as caught:
        process.run(("/nowhere/tool",))
    assert str(caught.value) == "tool: cannot be started: No such file or directory: /nowhere/tool"


def test_a_program_is_stopped_with_its_children_when_its_time_is_over(seconds: str) -> None:
    began = time.monotonic()
    with pytest.raises(UserError, match=r"^sh: stopped after 0\.2 s"):
        process.run(("sh", "-c", f"sleep {seconds} & sleep {seconds}"), timeout_s=0.2)
    assert time.monotonic() - began < 5
    wait_until(lambda: not alive(seconds))


def test_children_left_behind_are_ended_with_the_program(seconds: str) -> None:
    process.run(("sh", "-c", f"sleep {seconds} &"))
    wait_until(lambda: not alive(seconds))


def test_a_new_session_is_ended_also_where_its_children_made_groups_of_their_own(seconds: str) -> None:
    script = f"import os, subprocess; subprocess.Popen(['sleep', '{seconds}'], process_group=0)"
    process.run((sys.executable, "-c", script), new_session=True)
    wait_until(lambda: not alive(seconds))


def test_signals_reach_every_running_program(seconds: str) -> None:
    results: list[int] = []
    threads = [
        threading.Thread(target=lambda: results.append(process.run(("sleep", seconds), check=False).exit_code))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    wait_until(lambda: process.living() == 2)
    process.signal_all(signal.SIGTERM)
    for thread in threads:
        thread.join(5)
    assert results == [-signal.SIGTERM, -signal.SIGTERM]
    assert process.living() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="the death signal is Linux's")
def test_a_program_dies_with_the_process_that_started_it(seconds: str) -> None:
    script = f"from inrarch.tools import process; process.run(('sleep', '{seconds}'))"
    child = os.posix_spawn(sys.executable, [sys.executable, "-c", script], {**os.environ, "PYTHONPATH": os.getcwd()})
    wait_until(lambda: alive(f"sleep\0{seconds}"))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    wait_until(lambda: not alive(f"sleep\0{seconds}"))


def test_the_tail_of_a_log_is_its_last_lines(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"\n".join(b"line %d \xff" % index for index in range(20000)) + b"\n\n")
    assert process.tail(tmp_path / "log", 2) == "line 19998 �\nline 19999 �"
    assert process.tail(tmp_path / "absent", 2) == ""
