"""The guard of a stage: what a stage leaves behind, and stages that do not react, end with the build."""

from __future__ import annotations

import os
import signal
import sys
import time
import uuid

import pytest

from tests.engine.campaign.field import MARKER, marked
from tests.engine.toy import Toy, end

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are adopted on Linux only")


@pytest.fixture
def marker(monkeypatch: pytest.MonkeyPatch) -> str:
    value = uuid.uuid4().hex
    monkeypatch.setenv(MARKER, value)
    return value


def wait_until_gone(marker: str, timeout_s: float = 8) -> None:
    """No process of the build lives; ours got the marker after it was started, so /proc does not show it."""
    deadline = time.monotonic() + timeout_s
    while found := marked(marker):
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


STUCK = {
    "in native code that holds the interpreter": "import ctypes; ctypes.PyDLL(None).sleep(1000)",
    "ignoring the signal": "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(1000)",
    "with a tool that ignores the signal": """
    from inrarch.tools import process
    process.run(("sh", "-c", "trap '' TERM; sleep 1000 & setsid sleep 1000 & wait"))
    """,
}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("body", STUCK.values(), ids=STUCK.keys())
def test_a_stage_that_does_not_react_ends_with_its_build(
    toy: Toy, marker: str, number: signal.Signals, body: str
) -> None:
    toy.write_stage("first", body=body)
    build = toy.start("build")
    toy.wait_for_run("first")
    time.sleep(0.1)
    assert len(marked(marker)) >= 2
    end(build, number)
    wait_until_gone(marker)


def test_a_stage_leaves_no_process_behind_even_in_another_session(toy: Toy, marker: str) -> None:
    script = "setsid sleep 1000 & setsid sh -c 'sleep 1000 & sleep 1000'"
    body = f'import subprocess; subprocess.Popen(["sh", "-c", {script!r}])'
    toy.write_stage("first", body=body)
    toy.doit("build", "--until", "first")
    assert marked(marker) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "the stage was killed by SIGSEGV: a fault of inrarch or of a tool"),
        ("sys.exit(7)", "the stage failed with exit code 7: a fault of inrarch or of a tool"),
    ],
)
def test_how_a_stage_ended_is_told_as_before(toy: Toy, body: str, message: str) -> None:
    toy.write_stage("first", imports="import signal, sys", body=body)
    assert message in toy.doit("build", "--until", "first", code=2)


def test_a_guard_that_is_killed_takes_the_stage_along(toy: Toy, marker: str) -> None:
    toy.delay("first", 1000)
    build = toy.start("build", "--until", "first")
    toy.wait_for_run("first")
    guard = next(line for line in marked(marker) if "\0step\0" in line)
    os.kill(int(guard.split()[0]), signal.SIGKILL)
    output = build.communicate(timeout=20)[0]
    assert build.returncode == 2
    assert "the stage was killed by SIGKILL" in output
    wait_until_gone(marker)
