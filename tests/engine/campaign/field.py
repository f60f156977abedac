"""The workspace of the campaigns, what must hold in it after any accident, and the count of accidents."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.engine.toy import REPOSITORY, Toy, make_toy

MARKER = "INRARCH_CAMPAIGN"
"""Environment variable that every process of a build inherits, with a value of its own per workspace."""

GONE_S = 8.0
"""Seconds after the end of a build within which nothing of it may live any longer."""

TALLY: Counter[str] = Counter()
"""What has been done and found by all campaigns of this run; conftest.py prints it."""

LEAVES_TOOLS = """
    from inrarch.tools import process
    process.run(("sh", "-c", "trap '' TERM; sleep 1000 & setsid sleep 1000 & sleep 0.03"))
"""
"""A tool that leaves two processes that ignore SIGTERM, one of them in a session of its own."""


@dataclass
class Build:
    """A build that runs."""

    server: subprocess.Popen[str]
    pid: int
    output: Path

    def begin(self) -> None:
        assert self.server.stdout is not None
        self.pid = int(self.server.stdout.readline())

    def wait(self) -> int:
        assert self.server.stdout is not None
        return int(self.server.stdout.readline())

    def text(self) -> str:
        return self.output.read_text(errors="replace") if self.output.exists() else ""


@dataclass
class Field:
    """A workspace, the server that builds it, and what an undisturbed build of it gives."""

    toy: Toy
    marker: str
    server: subprocess.Popen[str]
    expected: dict[str, bytes] = field(default_factory=dict)
    seconds: float = 0.0
    """Time of the undisturbed build, stage after stage."""

    def copy(self, folder: Path) -> Field:
        """A workspace like this one in another folder, with a server of its own."""
        shutil.copytree(self.toy.root, folder, symlinks=True)
        return Field(Toy(folder), uuid.uuid4().hex, start_server(), self.expected, self.seconds)

    @property
    def build_folder(self) -> Path:
        return self.toy.root / "build"

    def start(self, *arguments: str, output: Path | None = None, **more: Any) -> Build:
        """Start a command; more: see server.py."""
        build = self.request(*arguments, output=output, **more)
        build.begin()
        return build

    def request(self, *arguments: str, output: Path | None = None, **more: Any) -> Build:
        """As `start`, but without waiting for the process id (`Build.begin`)."""
        output = output or self.toy.root / f"output-{uuid.uuid4().hex}.txt"
        request = {
            "root": str(self.toy.root),
            "arguments": list(arguments),
            "environment": self.environment,
            "output": str(output),
            **dict.fromkeys(("crash", "largest_file", "clock_s")),
            **more,
        }
        assert self.server.stdin is not None
        self.server.stdin.write(json.dumps(request) + "\n")
        self.server.stdin.flush()
        return Build(self.server, 0, output)

    def build(self, *arguments: str, code: int | None = 0, **more: Any) -> str:
        """A build to its end."""
        build = self.start("build", *arguments, **more)
        ended = build.wait()
        text = build.text()
        assert code is None or ended == code, text
        return text

    @property
    def environment(self) -> dict[str, str]:
        return {**self.toy.environment, MARKER: self.marker}

    def executions(self) -> list[str]:
        """`stage settings` of every run of a stage so far, in the order in which they began."""
        path = self.toy.root / "runs.txt"
        return path.read_text().splitlines() if path.exists() else []

    def published(self) -> set[str]:
        """`stage settings` of every whole artefact in the store, by our own reading of it."""
        return {key for entry in entries(self.build_folder) if (key := whole(entry)) is not None}

    def results(self, build: Path | None = None) -> dict[str, bytes]:
        """Every file that the view shows."""
        top = build or self.build_folder
        found = {}
        for stage in sorted(top.glob("[!.]*/*/[!.]*")):
            for path in sorted(stage.rglob("*")):
                if path.is_file():
                    found[f"{stage.relative_to(top)}/{path.relative_to(stage)}"] = path.read_bytes()
        return found

    def reset(self) -> None:
        shutil.rmtree(self.build_folder, ignore_errors=True)
        (self.toy.root / "runs.txt").unlink(missing_ok=True)

    def check(self) -> set[str]:
        """After the end of a build, however it ended: nothing lives, nothing is partial; returns what is published."""
        survivors = self.survivors()
        TALLY["surviving processes"] += len(survivors)
        assert not survivors, survivors
        partial = [str(entry) for entry in entries(self.build_folder) if whole(entry) is None]
        TALLY["partial artefacts"] += len(partial)
        assert not partial, partial
        dangling = [str(link) for link in self.build_folder.glob("[!.]*/*/[!.]*") if not link.exists()]
        TALLY["dangling links"] += len(dangling)
        assert not dangling, dangling
        return self.published()

    def survivors(self) -> list[str]:
        """The processes of this workspace that still live after the time they have to end."""
        deadline = time.monotonic() + GONE_S
        while found := marked(self.marker):
            if time.monotonic() > deadline:
                return found
            time.sleep(0.01)
        return []

    def check_not_repeated(self, done: set[str], before: int) -> None:
        """Of what was published before, nothing is among the runs that began since."""
        repeated = [key for key in self.executions()[before:] if key in done]
        TALLY["repeated stages"] += len(repeated)
        assert not repeated, repeated

    def close(self) -> None:
        while found := marked(self.marker):
            for line in found:
                with suppress(ProcessLookupError):
                    os.kill(int(line.split()[0]), signal.SIGKILL)
        assert self.server.stdin is not None
        self.server.stdin.close()
        self.server.wait(10)


def make_field(folder: Path, variants: int = 2) -> Field:
    """first -> second (leaves processes behind) -> third, for some variants that share `first`; and its results."""
    folder.mkdir(parents=True, exist_ok=True)
    toy = make_toy(folder)
    several = '[(work.output / f"part{n}.bin").write_bytes(os.urandom(0) + bytes([n]) * 4000 * n) for n in range(1, 4)]'
    toy.write_stage("first", files='{"model": variant.folder / "input.txt"}', body=several)
    toy.write_stage("second", ("first",), ("scale",), body=LEAVES_TOOLS + '    text += str(work.settings["scale"])')
    toy.write_stage("third", ("first", "second"), ("board",), body='text += work.settings["board"]')
    toy.write_variants(*(("p", f"v{index}", {"scale": index, "board": f"b{index}"}) for index in range(variants)))
    made = Field(toy, uuid.uuid4().hex, start_server())
    began = time.monotonic()
    made.build()
    made.seconds = time.monotonic() - began
    made.check()
    made.expected = made.results()
    assert len(made.expected) == variants * (5 + 2 + 2)
    made.reset()
    return made


def start_server(**more: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.engine.campaign.server"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **more,
    )


def marked(marker: str) -> list[str]:
    """`PID command line` of every living process whose environment has the marker."""
    wanted = f"{MARKER}={marker}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (entry / "environ").read_bytes():
                found.append(f"{entry.name} {(entry / 'cmdline').read_text()}")
        except OSError:
            continue
    return found


def entries(build: Path) -> list[Path]:
    store = build / ".store"
    return sorted(store.iterdir()) if store.is_dir() else []


def whole(entry: Path) -> str | None:
    """`stage settings` of an artefact whose every file has its recorded digest; None if anything is wrong with it.

    Written without the engine's own code: the judge must not share its mistakes.
    """
    try:
        record = json.loads((entry / "record.json").read_text())
        recorded = {name: item["sha256"] for name, item in record["payload"]["files"].items()}
    except (OSError, ValueError, KeyError):
        return None
    payload = entry / "payload"
    present = {
        path.relative_to(payload).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in payload.rglob("*")
        if path.is_file()
    }
    ingredients = json.dumps(record["ingredients"], sort_keys=True, separators=(",", ":"))
    named = hashlib.sha256(ingredients.encode()).hexdigest() == entry.name
    if not named or present != recorded or not (entry / "log.txt").is_file():
        return None
    return f"{record['ingredients']['stage']} {record['ingredients']['settings']}"
