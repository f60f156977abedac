"""How a build is shown: a live view in a terminal, plain lines anywhere else, JSON events when asked for."""

from __future__ import annotations

import sys

from inrarch.engine import live
from inrarch.engine.events import EventReporter
from inrarch.engine.history import expected_seconds, jobs_to_run
from inrarch.engine.live import LiveView
from inrarch.engine.plan import Job
from inrarch.engine.progress import Progress
from inrarch.engine.reporter import StageReporter
from inrarch.engine.session import Session


def make_reporter(
    session: Session, jobs: list[Job], workers: int, *, json: bool, plain: bool
) -> EventReporter | StageReporter:
    """The reporter of a build that writes to stdout; call its `close` with the exit code at the end."""
    if json:
        return EventReporter(sys.stdout, session, jobs, workers)
    if plain or not live.is_possible(sys.stdout):
        return StageReporter(sys.stdout, {})

    def view() -> tuple[Progress, LiveView]:
        waiting = jobs_to_run(session, jobs)
        current = {job.name for job in jobs} - {job.name for job in waiting}
        progress = Progress(jobs, {**dict.fromkeys(current, 0.0), **expected_seconds(session, waiting)}, workers)
        return progress, LiveView(sys.stdout, progress)

    return StageReporter(sys.stdout, {}, view)
