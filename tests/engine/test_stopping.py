"""A build that is killed, stopped or met by another one."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.engine.toy import Toy, end


def processes_naming(text: str) -> list[int]:
    """The processes whose command line names a text."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if text in (entry / "cmdline").read_text() and int(entry.name) != os.getpid():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def wait_until_gone(text: str, timeout_s: float = 10) -> None:
    deadline = time.monotonic() + timeout_s
    while processes_naming(text):
        assert time.monotonic() < deadline, f"still running: {processes_naming(text)}"
        time.sleep(0.02)


def complete(toy: Toy) -> bool:
    """Whether every artefact in the store is whole, and every link leads to one."""
    store = toy.root / "build" / ".store"
    artefacts = all(
        (path / "record.json").exists() and (path / "payload" / "out.txt").exists() for path in store.iterdir()
    )
    return artefacts and all(path.exists() for path in (toy.root / "build").glob("p/v/*"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("threads", ["1", "3"])
def test_what_had_finished_stays_and_nothing_is_half_written(toy: Toy, number: signal.Signals, threads: str) -> None:
    toy.delay("second", 30)
    build = toy.start("build", "-n", threads)
    toy.wait_for_run("second")
    output = end(build, number)
    assert build.returncode == (-9 if number == signal.SIGKILL else 128 + number)
    assert complete(toy)
    assert toy.payload("first").exists()
    assert not toy.payload("second").exists()
    wait_until_gone(str(toy.root))
    if number != signal.SIGKILL:
        assert "stopped; what has finished is kept" in output
        assert "Traceback" not in output
        assert list((toy.root / "build" / ".tmp").iterdir()) == []
    toy.delay("second", None)
    toy.runs()
    toy.doit("build")
    assert toy.runs() == ["second", "third"]
    assert list((toy.root / "build" / ".tmp").iterdir()) == []


def test_stopping_a_second_run_leaves_no_half_written_result_that_counts(toy: Toy) -> None:
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 2, "board": "u50"}))
    toy.delay("second", 30)
    toy.runs()
    build = toy.start("build")
    toy.wait_for_run("second")
    end(build, signal.SIGINT)
    toy.delay("second", None)
    toy.runs()
    output = toy.doit("build")
    assert toy.runs() == ["second"]
    assert "p@v:second" in output
    assert "(scale: 1 -> 2)" in output


def test_killing_between_publishing_and_linking_loses_nothing(toy: Toy) -> None:
    toy.doit("build")
    for stage in ("first", "second", "third"):
        toy.payload(stage).unlink()
    toy.runs()
    toy.doit("build")
    assert toy.runs() == []
    assert toy.payload("third").exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_tool_that_a_stage_has_started_does_not_outlive_the_build(toy: Toy, number: signal.Signals) -> None:
    seconds = str(10**9 + time.time_ns() % 10**9)  # names our processes
    body = f'from inrarch.tools import process; process.run(("sh", "-c", "sleep {seconds} & sleep {seconds} & wait"))'
    toy.write_stage("first", body=body)
    build = toy.start("build")
    deadline = time.monotonic() + 10
    while len(processes_naming(f"sleep\0{seconds}")) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    end(build, number)
    wait_until_gone(seconds)


def test_a_second_build_on_the_directory_is_refused_and_names_the_first(toy: Toy) -> None:
    toy.delay("first", 30)
    build = toy.start("build")
    toy.wait_for_run("first")
    expected = (
        f"ERROR: another build (process {build.pid}) is using {toy.root}/build\n"
        "hint: wait until it has finished (`build --wait` does), or stop it\n"
    )
    assert toy.doit("build", code=3) == expected
    assert toy.doit("clean", code=3) == expected
    assert toy.doit("list", code=0)
    end(build, signal.SIGKILL)
    toy.delay("first", None)
    wait_until_gone(str(toy.root))
    toy.doit("build")


def test_output_of_stages_that_run_together_is_not_mixed(toy: Toy) -> None:
    toy.write_variants(*(("p", f"v{index}", {"scale": index}) for index in range(3)))
    toy.write_stage("second", ("first",), ("scale",), body='print("scale is", work.settings["scale"]); time.sleep(0.2)')
    output = toy.doit("build", "-n", "3")
    assert "scale is" not in output
    for index in range(3):
        log = toy.payload("second", f"p/v{index}").resolve().parent / "log.txt"
        assert log.read_text() == f"the second stage says hello\nscale is {index}\n"
