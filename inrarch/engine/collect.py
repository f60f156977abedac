"""`inrarch gc`: removes what no current plan needs. Everything it removes can be made again from the sources.

Needed is, of every variant that the workspace has now,

1. the artefact of its present inputs, as far as they can be told without building,
2. what its links in the view show: the last result of a stage stays, even out of date, until the stage has run again.

A project whose configuration is wrong keeps what its links show. Links, failures and manifests of variants and stages
that are in no plan go. From a shared store nothing goes unless asked for; then only what no build of any workspace has
used for some days, and nothing that was in use since a build began that still lives (claims.py).
"""

from __future__ import annotations

import os
import shutil
import stat
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from inrarch.engine.claims import file_system_time
from inrarch.engine.lock import build_lock
from inrarch.engine.manifest import NAME
from inrarch.engine.plan import Plan
from inrarch.engine.session import Session
from inrarch.engine.store import USE_MARK_S, Store
from inrarch.errors import UserError
from inrarch.paths import shown_path

SHARED_DAYS = 30.0
"""Days without use after which `--shared` removes an artefact, unless said otherwise."""

_DAY_S = 86400.0
_COPYING_S = _DAY_S
"""What has been lying in a shared store's staging folder for so long is left over from a build that was killed."""


@dataclass(frozen=True, slots=True)
class Rubbish:
    """Something to remove. kind: the noun to count it by. title: what it was, for people.

    store, used: of an artefact, where it is and when it was last used (Unix time).
    """

    kind: str
    path: Path
    size_bytes: int
    title: str = ""
    store: Store | None = None
    used: float = 0.0


def collect(session: Session, plan: Plan, *, dry_run: bool, keep_days: float | None, shared: bool) -> None:
    """Remove what no plan needs; prints what, and how many bytes.

    keep_days: leave artefacts alone that were used in the last so many days (default: 0, in a shared store 30).
    shared: also clean up the shared store. Raises UserError: no projects; a build is running; no shared store.
    """
    if not plan.projects and not plan.broken:
        plan.select(())  # tells that there are no projects: `clean` removes everything, not we
    if shared and session.store.shared is None:
        raise UserError(
            "this workspace has no shared store",
            expected="`store: PATH` in inrarch.yaml",
            hint="without --shared, gc cleans up the store of the build directory",
        )
    if not session.build.is_dir():
        print("nothing is built here")
        return
    with build_lock(session.build):
        needed = _needed(session, plan)
        rubbish = [*_of_build_folder(session, plan), *_of_stores(session, needed, keep_days, shared)]
        for item in rubbish:
            if item.store is not None and _last_used(item.path) != item.used:
                continue  # a build on another machine has just used or removed it
            title = f"{item.title}, " if item.title else ""
            print(
                f"{'would remove' if dry_run else 'removed'} {shown_path(item.path)} ({title}{item.size_bytes} bytes)"
            )
            if not dry_run:
                _remove(session, item)
        print(_summary(session, rubbish, dry_run=dry_run))


def _needed(session: Session, plan: Plan) -> set[str]:
    """The fingerprints that must stay."""
    needed = {target for link, target in session.view.shown().items() if _is_planned(session, plan, link)}
    for job in plan.jobs.values():
        try:
            artefact = session.resolve(job)
        except (UserError, OSError):  # an input or tool is missing: what the link shows stays
            continue
        if artefact is not None:
            needed.add(artefact.fingerprint)
    return needed


def _of_build_folder(session: Session, plan: Plan) -> Iterator[Rubbish]:
    """Links and manifests of what is in no plan, failures of it, and what a killed build left."""
    build = session.build
    for link in sorted(session.view.shown()):
        if not _is_planned(session, plan, link):
            yield Rubbish("link", link, 0)
    for path in sorted(build.glob(f"[!.]*/*/{NAME}")):
        project, variant = path.relative_to(build).parts[:2]
        if project not in plan.broken and f"{project}@{variant}" not in plan.variants and not path.is_symlink():
            yield Rubbish("manifest", path, _size(path))
    for folder in sorted(build.glob(".failed/*/*/*")):
        if not _is_planned(session, plan, build / folder.relative_to(build / ".failed")):
            yield Rubbish("failure", folder, _size(folder))
    for path in sorted(build.glob(".tmp/*")):
        yield Rubbish("temporary", path, _size(path))


def _of_stores(session: Session, needed: set[str], keep_days: float | None, shared: bool) -> Iterator[Rubbish]:
    stores = session.store
    if stores.private is not None:
        yield from _unused(stores.private, needed, time.time() - (keep_days or 0.0) * _DAY_S)
    if shared and stores.shared is not None and stores.claims is not None and stores.shared.folder.is_dir():
        try:
            now = file_system_time(stores.shared.folder)
        except OSError as error:
            raise UserError(f"cannot be written: {error.strerror}", place=str(stores.shared.folder)) from error
        before = now - (SHARED_DAYS if keep_days is None else keep_days) * _DAY_S
        began = min(stores.claims.living_builds().values(), default=now)
        yield from _unused(stores.shared, needed, min(before, began - USE_MARK_S if began < now else now))
        for path in sorted(stores.shared.staging.glob("*")):
            if path.stat().st_mtime < now - _COPYING_S:
                yield Rubbish("temporary", path, _size(path))
        for path in stores.claims.abandoned():
            yield Rubbish("claim", path, _size(path))


def _unused(store: Store, needed: set[str], before: float) -> Iterator[Rubbish]:
    """Artefacts that are not needed and were not used since the Unix time `before`."""
    for name in store.names():
        path = store.folder / name
        used = _last_used(path)
        if name not in needed and used is not None and used <= before:
            record = store.record(name)
            title = record["provenance"].get("job", "") if record else "damaged"
            yield Rubbish("artefact", path, _size(path), title, store, used)


def _last_used(path: Path) -> float | None:
    """When an artefact was last used; None if it is gone."""
    try:
        return path.lstat().st_mtime
    except FileNotFoundError:
        return None


def _is_planned(session: Session, plan: Plan, link: Path) -> bool:
    """Whether a link, retired or not, belongs to a stage of the plan or to a project that is broken."""
    project, variant, *_, stage = link.relative_to(session.build).parts
    return project in plan.broken or f"{project}@{variant}:{stage}" in plan.jobs


def _remove(session: Session, item: Rubbish) -> None:
    if item.store is not None:
        item.store.discard(item.path.name)
    elif item.kind == "link":
        session.view.remove(item.path)
    elif item.path.is_dir() and not item.path.is_symlink():
        shutil.rmtree(item.path, ignore_errors=True)
    else:
        item.path.unlink(missing_ok=True)
    if item.kind in ("manifest", "failure"):
        _remove_empty(item.path.parent, session.build)


def _remove_empty(folder: Path, end: Path) -> None:
    """Remove a folder and those above it, below `end`, that are empty."""
    while folder != end:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def _summary(session: Session, rubbish: list[Rubbish], *, dry_run: bool) -> str:
    doomed = {item.path for item in rubbish}
    stores = session.store
    left = [store.folder / name for store in stores.all for name in store.names()]
    left = [path for path in left if path not in doomed]
    counted = Counter(item.kind for item in rubbish)
    parts = [_counted(counted[kind], kind) for kind in counted]
    size = sum(item.size_bytes for item in rubbish)
    what = f"{', '.join(parts)}: {size} bytes" if parts else "nothing"
    stay = f"{_counted(len(left), 'artefact')} stay{'s' * (len(left) == 1)} ({sum(map(_size, left))} bytes)"
    return f"{'would remove' if dry_run else 'removed'} {what}; {stay}"


def _counted(number: int, noun: str) -> str:
    plural = {"temporary": "temporary files"}.get(noun, f"{noun}s")
    return f"{number} {noun if number == 1 else plural}"


def _size(path: Path) -> int:
    """Bytes of a file, or of all files below a folder; links count as nothing."""
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode):
        return status.st_size if stat.S_ISREG(status.st_mode) else 0
    total = 0
    for parent, _, names in os.walk(path):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_size
            except OSError:  # another machine removes it at the same time
                continue
    return total
