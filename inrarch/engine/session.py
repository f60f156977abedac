"""One build: what is up to date, and running what is not. Knows nothing of doit, which calls it job by job."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from inrarch.engine import child
from inrarch.engine.digest import DigestCache
from inrarch.engine.fingerprint import differences, fingerprint
from inrarch.engine.ingredients import IngredientReader
from inrarch.engine.plan import Job, all_downstream
from inrarch.engine.store import Artefact, Store
from inrarch.engine.view import View
from inrarch.errors import UserError


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: kind `ran`, `current` (nothing to do), `failed` (the user can mend it) or `broken`.

    reasons: why it ran. summary: the line the stage returned. text: what to tell about a failure.
    """

    kind: str
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0
    summary: str = ""
    text: str = ""


class Interrupted(Exception):
    """The build is being stopped; nothing more is started or recorded."""


class Session:
    """The state of one build of one build directory.

    With `writable` false nothing in the build directory changes: for listing and explaining.
    `resolve` is called from one thread; `perform` from several, for different jobs.
    """

    def __init__(self, build: Path, package: str, tools: Mapping[str, str], *, writable: bool) -> None:
        self.build = build
        self.writable = writable
        self.digests = DigestCache(build / ".digests.db", writable=writable)
        self.store = Store(build / ".store", build / ".tmp", self.digests)
        self.view = View(build)
        self.outcomes: dict[str, Outcome] = {}
        self.stopping = threading.Event()
        self._package = package
        self._tools = dict(tools)
        self._reader = IngredientReader(package, self._tools, self.digests)
        self._artefacts: dict[str, Artefact | None] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def start(self) -> None:
        """Call with the lock held: what a killed build left behind goes away."""
        shutil.rmtree(self.build / ".tmp", ignore_errors=True)

    def link(self, job: Job) -> Path:
        """Where the view shows the artefact of a job."""
        return self.view.path(job.variant.project, job.variant.name, job.stage.name)

    def resolve(self, job: Job) -> Artefact | None:
        """The artefact that belongs to the present inputs of a job, shown in the view; None if the job must run.

        Raises UserError when an input or tool cannot be read.
        """
        if job.name in self._artefacts:
            return self._artefacts[job.name]
        artefact = None
        inputs = self._inputs(job)
        if inputs is not None:
            artefact = self.store.find(fingerprint(self._reader.read(job, inputs)))
        if self.writable:
            if artefact is None:
                return None
            self._show(job, artefact)
            self.outcomes[job.name] = Outcome("current")
        self._artefacts[job.name] = artefact
        return artefact

    def reasons(self, job: Job) -> list[str]:
        """Why a job must run, as phrases; call when `resolve` gave None."""
        inputs = self._inputs(job)
        if inputs is None:
            waiting = [upstream.stage.name for upstream in job.upstream if self.resolve(upstream) is None]
            return [f"after {', '.join(waiting)}"]
        return self._reasons(job, self._reader.read(job, inputs))

    def perform(self, job: Job) -> Outcome:
        """Bring a job up to date; its upstream is. The outcome is also kept in `outcomes`."""
        try:
            outcome = self._perform(job)
        except UserError as error:
            outcome = Outcome("broken" if error.exit_code == 2 else "failed", text=error.text())
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            outcome = Outcome("broken", text=f"{place}{error.strerror or error}")
        if outcome.kind in ("failed", "broken") and not self.stopping.is_set():
            self._retire(job, *all_downstream(job))
        self.outcomes[job.name] = outcome
        return outcome

    def _perform(self, job: Job) -> Outcome:
        inputs = self._inputs(job)
        assert inputs is not None, f"{job.name} was started before its inputs were there"
        ingredients = self._reader.read(job, inputs, fresh=True)
        name = fingerprint(ingredients)
        with self._lock(name):
            artefact = self.store.find(name)
            if artefact is not None:  # another variant has just made it
                self._keep(job, artefact)
                return Outcome("current")
            reasons = self._reasons(job, ingredients)
            self._retire(job, *all_downstream(job))
            with child.workplace(self.build / ".tmp", job) as place:
                if self.stopping.is_set():
                    raise Interrupted
                files = job.stage.files(job.variant)
                ended = child.run(place, self._package, job, inputs, files, ingredients["settings"], self._tools)
                if self.stopping.is_set():
                    raise Interrupted
                if ended.exit_code != 0:
                    return child.failure(place, self.build, job, ended, tuple(reasons))
                changed = differences(ingredients, self._reader.read(job, inputs, fresh=True))
                if changed:
                    raise UserError(
                        f"{changed[0]} while the stage ran, so its result was not kept",
                        place=job.name,
                        hint="build again",
                        exit_code=1,
                    )
                provenance = child.provenance(job, ended)
                artefact = self.store.publish(place.prepared(), ingredients, provenance)
            child.forget_failure(self.build, job)
            self._keep(job, artefact)
        return Outcome("ran", tuple(reasons), ended.seconds, str(provenance["summary"] or ""))

    def _inputs(self, job: Job) -> dict[str, Artefact] | None:
        """The artefacts that a job reads, by stage; None if one must be made first."""
        inputs = {}
        for upstream in job.upstream:
            artefact = self.resolve(upstream)
            if artefact is None:
                return None
            inputs[upstream.stage.name] = artefact
        return inputs

    def _reasons(self, job: Job, ingredients: dict[str, object]) -> list[str]:
        name = fingerprint(ingredients)
        last = self.view.last(self.link(job))
        failed = child.failure_folder(self.build, job).exists()
        record = None if last is None else self.store.record(last)
        if last == name or (last is None and (self.store.folder / name).exists()):
            return [self.store.inspect(name)[1] or "its result was incomplete"]
        changed = [] if record is None else differences(record["ingredients"], ingredients)
        if failed and not changed:
            return ["it failed the last time"]
        return changed or ["not built yet" if last is None else "its last result is gone"]

    def _keep(self, job: Job, artefact: Artefact) -> None:
        self._artefacts[job.name] = artefact
        self._show(job, artefact)

    def _show(self, job: Job, artefact: Artefact) -> None:
        if self.view.show(self.link(job), artefact.fingerprint):
            self._retire(*(follower for follower in all_downstream(job) if follower.name not in self._artefacts))

    def _retire(self, *jobs: Job) -> None:
        for job in jobs:
            with suppress(OSError):
                self.view.retire(self.link(job))

    def _lock(self, name: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(name, threading.Lock())

    def stop(self, number: int) -> None:
        """End every running stage: politely, after a few seconds by force."""
        from signal import SIGKILL, SIGTERM

        from inrarch.tools import process

        self.stopping.set()
        deadline = time.monotonic() + 3 * process.GRACE_S
        while process.signal_all(SIGTERM) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.signal_all(SIGKILL)
        with suppress(OSError):
            shutil.rmtree(self.build / ".tmp")


__all__ = ["Interrupted", "Outcome", "Session"]
_ = os
