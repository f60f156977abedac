"""Opens the executor of a build, if there is anything to run at all, and says how many threads shall feed it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from inrarch.engine.executors import open_executor
from inrarch.engine.executors.executor import Executor, Setting
from inrarch.engine.needs import needs_of
from inrarch.engine.plan import Job
from inrarch.engine.session import Session
from inrarch.errors import UserError

if TYPE_CHECKING:
    from inrarch.engine.loader import Source

WAITING = 32
"""Stages that may wait for tokens while others, which need less, run."""


@contextmanager
def executing(
    session: Session, source: Source, jobs: Sequence[Job], *, slots: int | None, name: str, continue_: bool
) -> Iterator[int]:
    """Give the session its executor; yields how many jobs to hand to it at a time.

    slots: stages at a time at most, None = as many as there is room for. name: of the executor.
    continue_: whether other jobs go on after a failure; if not, no more are handed out than can run.

    Raises UserError when the executor cannot be reached, or a stage that must run is too big for it.
    """
    if not any(_must_run(session, job) for job in jobs):
        yield 1
        return
    options = source.executor.options.get(name, {})
    executor = open_executor(name, Setting(options, source.totals, slots, source.executor.staged))
    try:
        _demand_room(session, source, jobs, executor)
        session.executor = executor
        alone = slots == 1 or not continue_
        yield min(executor.room + (0 if alone else WAITING), max(1, len(jobs)))
    finally:
        executor.close()


def _demand_room(session: Session, source: Source, jobs: Sequence[Job], executor: Executor) -> None:
    for stage in {job.stage.name: job.stage for job in jobs}.values():
        obstacle = executor.obstacle(stage.name, needs_of(stage, source.stages))
        if obstacle and any(job.stage is stage and _must_run(session, job) for job in jobs):
            raise obstacle


def _must_run(session: Session, job: Job) -> bool:
    """Whether a job is not up to date, or has inputs that cannot be read (which running it tells)."""
    try:
        return session.resolve(job) is None
    except UserError:
        return True
