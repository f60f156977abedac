"""Commands whose reader has gone (`doit list --all | head -1`) or whose output fills a disk."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.engine.toy import Toy


@pytest.mark.parametrize("command", ["list --all", "why", "info p@v", "build --dry-run", "build"])
def test_a_reader_that_has_gone_is_no_error(command: str, toy: Toy) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [sys.executable, "driver.py", *command.split()],
            cwd=toy.root,
            env={**toy.environment, "PYTHONUNBUFFERED": "1"},
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("command", ["list --all", "why", "build --dry-run", "build"])
def test_a_full_disk_is_told(command: str, toy: Toy) -> None:
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, "driver.py", *command.split()],
            cwd=toy.root,
            env=toy.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.stderr == "the output cannot be written: no space left on device\n"
    assert ended.returncode == (0 if command == "build" else 2)  # a build goes on and ends well
    assert toy.runs() == (["first", "second", "third"] if command == "build" else [])


def test_a_failure_keeps_its_exit_code(toy: Toy) -> None:
    toy.write_variants(("p", "v", {"fail": "second"}))
    process = toy.start("build")
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=60) == 1
