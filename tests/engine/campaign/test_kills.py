"""Builds that are killed at random times and at every file-system operation; what had finished must stay finished."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import product
from pathlib import Path

import pytest

from tests.engine.campaign import crash
from tests.engine.campaign.field import TALLY, Field

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
COMBINATIONS = tuple(product(SIGNALS, ("1", "3"), (os.kill, os.killpg)))
"""Signal, stages at a time, and what it is sent to: the build's process alone, or its process group."""

KILLS = int(os.environ.get("INRARCH_KILLS", "50"))
"""Kills of each combination in the long campaign."""

Sender = Callable[[int, int], None]


def campaign(field: Field, number: signal.Signals, threads: str, send: Sender, kills: int, *, fork: bool) -> None:
    """Kill builds at random times until `kills` have hit; each build goes on from what the one before has left.

    fork: after each kill let a copy of the build directory finish, too.
    """
    try:
        # A text as the seed: the same times in every process.
        chance = random.Random(f"{number} {threads} {send.__name__}")
        every = 1 + 2 + 2
        hit = 0
        while hit < kills:
            done, before = field.published(), len(field.executions())
            build = field.start("build", "-n", threads)
            time.sleep(chance.uniform(0, field.seconds * (1 - len(done) / every)))
            with suppress(ProcessLookupError):
                send(build.pid, number)
            code = build.wait()
            now = field.check()
            field.check_not_repeated(done, before)
            assert done <= now
            if code == 0:  # it had finished before
                _compare(field, field.build_folder)
                field.reset()
                continue
            assert code in (-number, 128 + number), build.text()
            assert "Traceback" not in build.text()
            hit += 1
            TALLY[f"kills by {number.name}"] += 1
            if fork and field.build_folder.exists():
                _finish_a_copy(field, now)
        _finish(field)
    finally:
        field.close()


def _finish(field: Field) -> None:
    done, before = field.published(), len(field.executions())
    field.build("-n", "2")
    field.check()
    field.check_not_repeated(done, before)
    assert not list(field.build_folder.glob(".tmp/*"))
    _compare(field, field.build_folder)


def _finish_a_copy(field: Field, done: set[str]) -> None:
    saved = field.toy.root / "saved"
    shutil.copytree(field.build_folder, saved, symlinks=True)
    log = (field.toy.root / "runs.txt").read_bytes() if field.executions() else b""
    _finish(field)
    shutil.rmtree(field.build_folder)
    saved.rename(field.build_folder)
    (field.toy.root / "runs.txt").write_bytes(log)
    assert field.published() == done


def _compare(field: Field, build: Path) -> None:
    equal = field.results(build) == field.expected
    TALLY["unequal results"] += not equal
    assert equal


def _campaigns(field: Field, kills: int, *, fork: bool, at_a_time: int) -> None:
    folder = field.toy.root.parent
    with ThreadPoolExecutor(at_a_time) as pool:
        runs = [
            pool.submit(campaign, field.copy(folder / str(index)), *combination, kills, fork=fork)
            for index, combination in enumerate(COMBINATIONS)
        ]
        for run in runs:
            run.result()


def test_builds_killed_at_sixty_random_times_lose_nothing(field: Field) -> None:
    _campaigns(field, 5, fork=False, at_a_time=4)


@pytest.mark.slow
def test_long_campaign_of_kills_at_random_times(field: Field) -> None:
    _campaigns(field, KILLS, fork=True, at_a_time=2)


def _operations(field: Field) -> int:
    count = field.toy.root / "count.txt"
    build = field.start("build", crash={"at": 0, "number": 0, "count": str(count)})
    assert build.wait() == 0
    field.reset()
    return crash.total(count)


def _crash(field: Field, at: int, number: signal.Signals) -> None:
    """Let a build hit itself at operation `at`. A build may have fewer: records of its progress depend on the time."""
    count = field.toy.root / "count.txt"
    build = field.start("build", crash={"at": at, "number": int(number), "count": str(count)})
    code = build.wait()
    if crash.total(count) < at:
        assert code == 0, build.text()
        field.reset()
        return
    assert code in (-number, 128 + number), build.text()
    assert "Traceback" not in build.text()
    assert "Exception ignored" not in build.text()
    TALLY["crashes at a file-system operation"] += 1
    done = field.check()
    assert done <= set(field.executions())
    _finish(field)
    field.reset()


def test_a_crash_at_a_file_system_operation_loses_nothing(field: Field) -> None:
    total = _operations(field)
    chance = random.Random(1)
    for number in SIGNALS:
        _crash(field, chance.randint(1, total), number)


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
def test_a_crash_at_every_file_system_operation_loses_nothing(field: Field, number: signal.Signals) -> None:
    for at in range(1, _operations(field) + 1):
        _crash(field, at, number)
