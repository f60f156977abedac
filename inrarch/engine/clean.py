"""Removing results: the links of the view, and the artefacts that no other link needs.

Nothing is removed from a shared store: `inrarch gc --shared` does that.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from inrarch.engine import child, manifest
from inrarch.engine.digest import list_files
from inrarch.engine.lock import build_lock
from inrarch.engine.plan import Job
from inrarch.engine.session import Session
from inrarch.sizes import readable_bytes


def clean(session: Session, jobs: list[Job] | None, stages: Sequence[str], *, dry_run: bool) -> None:
    """Remove the results of some jobs, or of everything that was ever built here (None).

    Prints a line per job, in the order of `stages`, and how much that was.
    """
    if dry_run or not session.build.is_dir():
        _clean(session, jobs, stages, dry_run=True)
    else:
        with build_lock(session.build):
            _clean(session, jobs, stages, dry_run=False)


def _clean(session: Session, jobs: list[Job] | None, stages: Sequence[str], *, dry_run: bool) -> None:
    shown = session.view.shown()
    if jobs is None:
        links = set(shown)
        logs = {folder for folder in (session.build / ".failed").glob("*/*/*") if folder.is_dir()}
    else:
        places = [session.link(job) for job in jobs]
        links = {link for place in places for link in (place, session.view.retired(place)) if link in shown}
        logs = {folder for job in jobs if (folder := child.failure_folder(session.build, job)).is_dir()}
    targets = {shown[link] for link in links}
    kept = targets & {target for link, target in shown.items() if link not in links}
    store = session.store.private
    doomed = [folder for name in store.names() if (folder := store.folder / name).is_dir()] if store else []
    if jobs is not None:
        doomed = [folder for folder in doomed if folder.name in targets - kept]
    size = sum(path.lstat().st_size for folder in (*doomed, *logs) for path in list_files(folder).values())

    if not dry_run:
        for path in manifest.manifests_of(session.view, links):
            path.unlink()
        for link in links:
            session.view.remove(link)
        for folder in doomed:
            assert store is not None
            store.discard(folder.name)
        for folder in logs if jobs is not None else {session.build / ".failed"}:
            shutil.rmtree(folder, ignore_errors=True)
    verb = "would remove" if dry_run else "removed"
    for project, variant, stage in sorted(
        {_job_of(session.build, path) for path in links | logs},
        key=lambda job: (job[:2], stages.index(job[2]) if job[2] in stages else len(stages), job),
    ):
        print(f"{verb} {project}@{variant}:{stage}")
    if not (links or logs or doomed):
        print("nothing to remove")
        return
    results = f"{len(doomed)} result{'s' * (len(doomed) != 1)}"
    print(f"{verb} {results}, {readable_bytes(size)}" + (f"; {len(kept)} stay for other variants" if kept else ""))


def _job_of(build: Path, path: Path) -> tuple[str, str, str]:
    """Project, variant and stage of a link or of the folder of a failure."""
    project, variant, stage = (part for part in path.relative_to(build).parts if not part.startswith("."))
    return project, variant, stage
