"""What stages took in earlier runs, from the records in the store: for estimates, never for decisions."""

from __future__ import annotations

from collections.abc import Sequence

from inrarch.engine.plan import Job
from inrarch.engine.session import Session


def jobs_to_run(session: Session, jobs: Sequence[Job]) -> list[Job]:
    """The jobs that are not up to date now; those that cannot be judged are among them."""
    return [job for job in jobs if not _is_current(session, job)]


def expected_seconds(session: Session, jobs: Sequence[Job]) -> dict[str, float]:
    """Seconds of the last run by job, for jobs that must run and have run before.

    Jobs of several variants that shared a result will most likely do so again: all but the first are expected to take
    no time.
    """
    expected: dict[str, float] = {}
    seen: set[str] = set()
    for job in jobs:
        last = session.view.last(session.link(job))
        record = session.store.record(last) if last is not None else None
        if last is None or record is None:
            continue
        seconds = record["provenance"].get("seconds")
        if isinstance(seconds, int | float) and seconds >= 0:
            expected[job.name] = 0.0 if last in seen else float(seconds)
            seen.add(last)
    return expected


def _is_current(session: Session, job: Job) -> bool:
    try:
        return session.resolve(job) is not None
    except Exception:  # told when the job is run
        return False
