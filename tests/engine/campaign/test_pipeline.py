"""The real pipeline on a small SIREN, killed a few times: nothing that finished runs again, the results are equal."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from tests.engine.campaign.field import GONE_S, MARKER, TALLY, entries, marked, whole
from tests.workspace import ROOT, TestWorkspace, make_workspace

KILLS = int(os.environ.get("INRARCH_PIPELINE_KILLS", "9"))


def start(workspace: TestWorkspace, marker: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "inrarch", "build", "-n", "2"],
        cwd=workspace.root,
        env={**os.environ, "PYTHONPATH": str(ROOT), MARKER: marker},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def results(build: Path) -> dict[str, bytes]:
    return {
        f"{stage.name}/{path.relative_to(stage)}": path.read_bytes()
        for stage in build.glob("net/default/[!.]*")
        for path in stage.rglob("*")
        if path.is_file()
    }


def made(build: Path) -> dict[str, int]:
    """Every whole artefact and the inode of its record: another one if the stage has run again."""
    found = {}
    for entry in entries(build):
        assert whole(entry) is not None, entry
        found[entry.name] = (entry / "record.json").stat().st_ino
    return found


@pytest.mark.slow
def test_the_pipeline_killed_a_few_times_loses_nothing(tmp_path: Path) -> None:
    undisturbed = make_workspace(tmp_path / "undisturbed")
    began = time.monotonic()
    assert start(undisturbed, "none").wait() == 0
    longest_s = time.monotonic() - began
    expected = results(undisturbed.build)
    chance = random.Random(4)
    killed, attempt, finished = 0, 0, 0
    workspace = make_workspace(tmp_path / "0")
    while killed < KILLS or finished == 0:
        marker = uuid.uuid4().hex
        before = made(workspace.build)
        build = start(workspace, marker)
        number = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)[killed % 3]
        try:
            output, _ = build.communicate(timeout=chance.uniform(0.5, longest_s / 2) if killed < KILLS else None)
        except subprocess.TimeoutExpired:
            (os.kill if killed % 2 else os.killpg)(build.pid, number)
            output, _ = build.communicate()
            assert build.returncode in (-number, 128 + number), output
            killed += 1
            TALLY[f"kills of the pipeline by {number.name}"] += 1
        deadline = time.monotonic() + GONE_S
        while found := marked(marker):
            assert time.monotonic() < deadline, found
            time.sleep(0.01)
        now = made(workspace.build)
        repeated = [name for name in before if now.get(name) != before[name]]
        TALLY["repeated stages"] += len(repeated)
        assert not repeated
        if build.returncode == 0:
            finished += 1
            TALLY["unequal results"] += results(workspace.build) != expected
            assert results(workspace.build) == expected
            attempt += 1
            workspace = make_workspace(tmp_path / str(attempt))
