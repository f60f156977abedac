"""Records every build in `build/.runs`: what ran and why, how long it took, and what came out.

The record is written when the first stage starts, again while stages end (at most 2 % of the time goes into that), and
when the build ends, however it ends; so the record of a build that was killed lacks at most its last moments. A build
that finds nothing to do leaves a short one. A record that cannot be written is told, and does not fail the build.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import inrarch
from inrarch.engine.plan import Job
from inrarch.engine.run_files import FORMAT, IDLE, Record, drop_old_idle, make_id, write_record
from inrarch.engine.session import Outcome, Session

REPORT = "report"
"""The stage whose `report.json` has the figures."""

_STATUS = {0: "ok", 1: "failed", 2: "broken"}
_SIGNALLED = 128
_SHORTEST_PAUSE_S = 1.0
_PAUSE_PER_WRITE = 50


class RunRecorder:
    """The record of one build; a context manager inside the lock of the build directory."""

    def __init__(self, session: Session, jobs: Sequence[Job]) -> None:
        self._session = session
        self._variants: dict[str, list[Job]] = {}
        for job in jobs:
            self._variants.setdefault(job.variant_name, []).append(job)
        self._began = datetime.now(UTC)
        self._clock = time.monotonic()
        self._id = make_id(self._began)
        self._exit_code: int | None = None
        self._started = False
        self._next_write = 0.0
        self._guard = threading.Lock()
        self._configurations: dict[str, dict[str, Any]] = {}
        self._results: dict[str, tuple[str, dict[str, Any]]] = {}
        self._git: dict[str, Any] | None = None

    def __enter__(self) -> RunRecorder:
        self._session.listeners.append(self._tell)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.listeners.remove(self._tell)
        with self._guard:
            if self._exit_code == 0 and not self._started and not self._session.moved:
                self._write_idle()
            else:
                self._write("broken" if self._exit_code is None else _status(self._exit_code))

    def ended(self, exit_code: int) -> int:
        """The build has ended with this exit code, which is returned."""
        self._exit_code = exit_code
        return exit_code

    def _tell(self, job: Job, outcome: Outcome | None) -> None:
        """A stage starts (None) or has ended; called from any thread."""
        with self._guard:
            self._started = True
            if time.monotonic() >= self._next_write:
                self._write("running")

    def _write(self, status: str) -> None:
        began = time.monotonic()
        if self._git is None:
            from inrarch.engine.git_state import git_commit

            self._git = git_commit(Path.cwd()) or {}
        record = self._heading(status)
        record["variants"] = [self._variant(name, jobs) for name, jobs in self._variants.items()]
        _try_to_write(self._session.build, record, sync=status != "running")
        ended = time.monotonic()
        self._next_write = ended + max(_SHORTEST_PAUSE_S, _PAUSE_PER_WRITE * (ended - began))

    def _write_idle(self) -> None:
        """In a millisecond: neither configuration nor results are read again, the record before this one has them."""
        record = self._heading("ok")
        record |= {"id": self._id + IDLE, "idle": True, "variants": []}
        _try_to_write(self._session.build, record, sync=False)
        drop_old_idle(self._session.build)

    def _heading(self, status: str) -> Record:
        counts = {"ran": 0, "current": 0, "failed": 0, "broken": 0, "not run": 0}
        for jobs in self._variants.values():
            for job in jobs:
                counts[_kind(self._session.outcomes.get(job.name))] += 1
        running = status == "running"
        return {
            "format": FORMAT,
            "id": self._id,
            "status": status,
            "idle": False,
            "exit_code": self._exit_code,
            "started": self._began.isoformat(timespec="milliseconds"),
            "finished": None if running else datetime.now(UTC).isoformat(timespec="milliseconds"),
            "seconds": round(time.monotonic() - self._clock, 3),
            "command": _command(),
            "git": self._git or None,
            "inrarch": inrarch.__version__,
            "host": os.uname().nodename,
            "pid": os.getpid(),
            "stages": counts,
        }

    def _variant(self, name: str, jobs: Sequence[Job]) -> dict[str, Any]:
        variant = jobs[0].variant
        if name not in self._configurations:
            from inrarch.config.flat import flat_configuration

            self._configurations[name] = flat_configuration(variant)
        return {
            "name": name,
            "project": variant.project,
            "variant": variant.name,
            "configuration": self._configurations[name],
            **self._result(name, jobs),
            "stages": [_stage(job, self._session.outcomes.get(job.name)) for job in jobs],
        }

    def _result(self, name: str, jobs: Sequence[Job]) -> dict[str, Any]:
        """`report` (fingerprint), `inputs` (digests of external files), `verdict`, `metrics`; null without a report."""
        for job in jobs:
            outcome = self._session.outcomes.get(job.name)
            if job.stage.name == REPORT and outcome is not None and outcome.kind in ("ran", "current"):
                link = self._session.link(job)
                fingerprint = self._session.view.target(link)
                if fingerprint is None:
                    break
                if self._results.get(name, ("",))[0] != fingerprint:
                    with suppress(OSError, ValueError, KeyError, TypeError):
                        self._results[name] = fingerprint, _read_result(link / "report.json", fingerprint, jobs)
                if name in self._results:
                    return self._results[name][1]
        return {"report": None, "inputs": None, "verdict": None, "metrics": None}


def _read_result(path: Path, fingerprint: str, jobs: Sequence[Job]) -> dict[str, Any]:
    from inrarch.report.metrics import headline

    report = json.loads(path.read_bytes())
    stages = {job.stage.name for job in jobs}
    return {
        "report": fingerprint,
        "inputs": {name: digest for name, digest in report["inputs"].items() if name not in stages},
        "verdict": {key: report["verdict"][key] for key in ("passed", "summary")},
        "metrics": headline(report),
    }


def _stage(job: Job, outcome: Outcome | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"stage": job.stage.name, "outcome": _kind(outcome)}
    if outcome is not None and outcome.kind != "current":
        entry |= {"seconds": round(outcome.seconds, 3), "reasons": list(outcome.reasons)}
        entry["summary"] = outcome.summary or outcome.text
    return entry


def _kind(outcome: Outcome | None) -> str:
    return "not run" if outcome is None else outcome.kind


def _status(exit_code: int) -> str:
    return "interrupted" if exit_code > _SIGNALLED else _STATUS.get(exit_code, "broken")


def _command() -> list[str]:
    program = Path(sys.argv[0])
    return ["inrarch" if program.name == "__main__.py" else program.name, *sys.argv[1:]]


def _try_to_write(build: Path, record: Record, *, sync: bool) -> None:
    try:
        write_record(build, record, sync=sync)
    except OSError as error:
        if record["status"] != "running":
            print(f"this build was not recorded in {build / '.runs'}: {error.strerror or error}", file=sys.stderr)
