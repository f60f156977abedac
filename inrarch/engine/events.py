"""A build as JSON events, one per line (`build --json`): for programs that watch a build. docs/build.md shows them."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from typing import IO, Any

from inrarch.engine.history import expected_seconds, jobs_to_run
from inrarch.engine.loader import StageTask
from inrarch.engine.plan import Job
from inrarch.engine.session import Outcome, Session
from inrarch.output import give_up_output

FORMAT = 1
"""Counted up when a field changes its meaning or goes."""

_RESULTS = {"ran": "ran", "current": "up_to_date"}


class EventReporter:
    """doit's reporter interface. The fields of each event: schemas/event.schema.json."""

    desc = "one JSON event per line"

    def __init__(self, stream: IO[str], session: Session, jobs: list[Job], workers: int) -> None:
        self._stream = stream
        self._session = session
        self._jobs = jobs
        self._workers = workers
        self._expected: dict[str, float] = {}
        self._done: dict[str, str] = {}
        self._began = time.monotonic()
        self._started = False
        self._lock = threading.Lock()

    def initialize(self, tasks: dict[str, Any], selected_tasks: list[str]) -> None:
        """Called before the first task starts."""
        waiting = jobs_to_run(self._session, self._jobs)
        self._expected = expected_seconds(self._session, waiting)
        self._started = True
        self._session.listeners.append(self._tell)
        self._emit(
            "build_started",
            format=FORMAT,
            process=os.getpid(),
            build=str(self._session.build),
            workers=self._workers,
            variants=list(dict.fromkeys(job.variant_name for job in self._jobs)),
            stages=len(self._jobs),
            to_run=len(waiting),
        )

    def _tell(self, job: Job, outcome: Outcome | None) -> None:
        """A stage begins (None) or has ended; called by the thread that runs it."""
        if outcome is None:
            self._emit("stage_started", **_names(job), expected_s=self._expected.get(job.name))

    def skip_uptodate(self, task: Any) -> None:
        """A stage needs not run."""
        self.add_success(task)

    def add_success(self, task: Any) -> None:
        """A stage has ended well, or is up to date."""
        outcome = self._session.outcomes.get(task.name)
        if not isinstance(task, StageTask) or outcome is None:
            return
        self._done[task.name] = outcome.kind
        self._emit(
            "stage_finished",
            **_names(task.job),
            result=_RESULTS.get(outcome.kind, outcome.kind),
            seconds=round(outcome.seconds, 3),
            reasons=list(outcome.reasons),
            summary=outcome.summary,
            folder=str(self._session.link(task.job)),
        )

    def add_failure(self, task: Any, fail: Any) -> None:
        """A stage has failed; one that cannot run because another one has failed is not told."""
        outcome = self._session.outcomes.get(task.name)
        if not isinstance(task, StageTask) or not task.executed or not (fail.report or (outcome and outcome.text)):
            return
        self._done[task.name] = "failed"
        self._emit(
            "stage_failed",
            **_names(task.job),
            fault="project" if outcome is not None and outcome.kind == "failed" else "program",
            seconds=round(outcome.seconds, 3) if outcome is not None else 0.0,
            reasons=list(outcome.reasons) if outcome is not None else [],
            message=outcome.text if outcome is not None and outcome.text else fail.get_msg().rstrip(),
        )

    def runtime_error(self, msg: str) -> None:
        """An error of doit itself."""
        print(msg, file=sys.stderr)

    def close(self, exit_code: int) -> None:
        """The build has ended; nothing is told of one that never began."""
        if not self._started:
            return
        count = Counter(self._done.values())
        self._emit(
            "build_finished",
            exit_code=exit_code,
            seconds=round(time.monotonic() - self._began, 3),
            ran=count["ran"],
            up_to_date=count["current"],
            failed=count["failed"],
            not_run=len(self._jobs) - sum(count.values()),
            stopped=self._session.stopping,
        )

    def _emit(self, event: str, **fields: Any) -> None:
        record = {"event": event, "time": datetime.now(UTC).isoformat(timespec="milliseconds"), **fields}
        with self._lock:
            try:
                self._stream.write(json.dumps(record) + "\n")
                self._stream.flush()
            except OSError as error:  # the build goes on when nobody reads any longer
                give_up_output(error)

    def _ignore(self, *arguments: object) -> None:
        """Events of doit that say nothing new."""

    get_status = execute_task = skip_ignore = cleanup_error = teardown_task = complete_run = _ignore


def _names(job: Job) -> dict[str, str]:
    return {"job": job.name, "project": job.variant.project, "variant": job.variant.name, "stage": job.stage.name}
