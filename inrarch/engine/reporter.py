"""What a build prints: a line per stage that ran, the end of the log of one that failed, a line per variant."""

from __future__ import annotations

import io
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from inrarch.engine.durations import in_words
from inrarch.engine.fingerprint import shorten
from inrarch.engine.live import LiveView
from inrarch.engine.loader import StageTask
from inrarch.engine.plan import Job
from inrarch.engine.progress import Progress
from inrarch.engine.session import Outcome, Session
from inrarch.output import give_up_output


class StageReporter:
    """doit's reporter interface."""

    desc = "one line per stage that ran, with the reason"

    def __init__(
        self, outstream: IO[str], options: dict[str, Any], view: Callable[[], tuple[Progress, LiveView]] | None = None
    ) -> None:
        if isinstance(outstream, io.TextIOWrapper):
            outstream.reconfigure(errors="backslashreplace")
        self._stream = outstream
        self._began = time.monotonic()
        self._jobs: list[Job] = []
        self._session: Session | None = None
        self._errors: list[str] = []
        self._open_view = view
        self._progress: Progress | None = None
        self._view: LiveView | None = None

    def initialize(self, tasks: dict[str, Any], selected_tasks: list[str]) -> None:
        """Called with all tasks before the first one starts."""
        for name in selected_tasks:
            task = tasks[name]
            if isinstance(task, StageTask):
                self._jobs.append(task.job)
                self._session = task.session
        if self._open_view is not None:
            self._progress, self._view = self._open_view()
            if self._session is not None:
                self._session.listeners.append(self._tell)

    def _tell(self, job: Job, outcome: Outcome | None) -> None:
        """A stage begins (None) or has ended; called by the thread that runs it."""
        if self._progress is not None and outcome is None:
            self._progress.start(job)

    def skip_uptodate(self, task: Any) -> None:
        """A task needs not run."""
        self._end(task)

    def add_success(self, task: Any) -> None:
        """A task has ended well."""
        self._end(task)
        outcome = self._outcome(task)
        if outcome is not None and outcome.kind == "ran":
            summary = f": {outcome.summary}" if outcome.summary else ""
            self._write(f"{task.name}  {in_words(outcome.seconds)} ({shorten(list(outcome.reasons))}){summary}")

    def add_failure(self, task: Any, fail: Any) -> None:
        """A task has failed, or cannot run because another one has."""
        self._end(task)
        outcome = self._outcome(task)
        if outcome is None or not outcome.text:
            if isinstance(task, StageTask) and task.executed and fail.report:
                self._write(f"{task.name}  FAILED, a fault of inrarch:\n{fail.get_msg().rstrip()}")
            return
        reasons = f" ({shorten(list(outcome.reasons))})" if outcome.reasons else ""
        after = f" after {in_words(outcome.seconds)}" if outcome.seconds else ""
        text = outcome.text.replace("\n", "\n    ")
        self._write(f"{task.name}  FAILED{after}{reasons}\n    {text}")

    def runtime_error(self, msg: str) -> None:
        """An error of doit itself."""
        self._errors.append(msg)

    def complete_run(self) -> None:
        """The build has ended: a line for each variant."""
        self._close_view()
        for message in self._errors:
            self._write(message)
        session = self._session
        if session is None or session.stopping:
            return
        variants: dict[str, list[Job]] = {}
        for job in self._jobs:
            variants.setdefault(job.variant_name, []).append(job)
        for name, jobs in variants.items():
            self._write(f"{name}: {summarise([session.outcomes.get(job.name) for job in jobs])}")
            page = _page(session, jobs)
            if page is not None:
                self._write(f"  report: {page}")
        self._write(
            f"{len(variants)} variant{'s' * (len(variants) != 1)} in {in_words(time.monotonic() - self._began)}"
        )

    def close(self, exit_code: int) -> None:
        """The build has ended, however."""
        self._close_view()

    def _close_view(self) -> None:
        if self._view is not None:
            self._view.close()
            self._view = None

    def _end(self, task: Any) -> None:
        if self._progress is not None and isinstance(task, StageTask):
            outcome = self._outcome(task)
            self._progress.end(task.job, outcome.kind if outcome else "not run", outcome.seconds if outcome else 0.0)

    def _outcome(self, task: Any) -> Outcome | None:
        return task.session.outcomes.get(task.name) if isinstance(task, StageTask) else None

    def _write(self, text: str) -> None:
        if self._view is not None:
            self._view.write(text)
            return
        try:
            self._stream.write(f"{text}\n")
            self._stream.flush()
        except OSError as error:  # the build goes on when nobody reads any longer
            give_up_output(error)

    def _ignore(self, *arguments: object) -> None:
        """Events of doit that say nothing new to a person."""

    get_status = execute_task = skip_ignore = cleanup_error = teardown_task = _ignore


def summarise(outcomes: list[Outcome | None]) -> str:
    """`9 stages: 3 ran, 6 up to date (12.3 s)`."""
    count = Counter("not run" if outcome is None else outcome.kind for outcome in outcomes)
    count["failed"] += count.pop("broken", 0)
    stages = f"{len(outcomes)} stage{'s' * (len(outcomes) != 1)}"
    if count["current"] == len(outcomes):
        return f"up to date ({stages})"
    titles = {"ran": "ran", "current": "up to date", "failed": "failed", "not run": "not run"}
    parts = [f"{count[kind]} {title}" for kind, title in titles.items() if count[kind]]
    seconds = sum(outcome.seconds for outcome in outcomes if outcome is not None)
    return f"{stages}: {', '.join(parts)} ({in_words(seconds)})"


def _page(session: Session, jobs: list[Job]) -> Path | None:
    """The page to look at: index.html of the last stage that has one."""
    for job in reversed(jobs):
        page = session.link(job) / "index.html"
        if os.path.isfile(page):
            return page.relative_to(Path.cwd()) if page.is_relative_to(Path.cwd()) else page
    return None
