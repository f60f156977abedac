"""Removing results: the links of the view, and the artefacts that no other link needs."""

from __future__ import annotations

import shutil
from pathlib import Path

from inrarch.engine import child
from inrarch.engine.lock import build_lock
from inrarch.engine.plan import Job
from inrarch.engine.session import Session


def clean(session: Session, jobs: list[Job] | None, *, dry_run: bool) -> None:
    """Remove the results of some jobs, or of everything that was ever built here (None); prints what goes."""
    if dry_run:
        _clean(session, jobs, dry_run=True)
    elif session.build.is_dir():
        with build_lock(session.build):
            _clean(session, jobs, dry_run=False)


def _clean(session: Session, jobs: list[Job] | None, *, dry_run: bool) -> None:
    verb = "would remove" if dry_run else "removed"
    shown = session.view.shown()
    if jobs is None:
        links = set(shown)
        failures = [session.build / ".failed"]
    else:
        places = [session.link(job) for job in jobs]
        links = {link for place in places for link in (place, session.view.retired(place)) if link in shown}
        failures = [child.failure_folder(session.build, job) for job in jobs]
    kept = {target for link, target in shown.items() if link not in links}
    doomed = {shown[link] for link in links} - kept if jobs is not None else set(_names(session.store.folder))
    for link in sorted(links):
        print(f"{verb} {link}")
        if not dry_run:
            session.view.remove(link)
    for name in sorted(doomed):
        print(f"{verb} {session.store.folder / name}")
        if not dry_run:
            session.store.discard(name)
    for folder in failures:
        if folder.is_dir():
            print(f"{verb} {folder}")
            if not dry_run:
                shutil.rmtree(folder, ignore_errors=True)


def _names(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
