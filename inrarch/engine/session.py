"""One build: what is up to date, and running what is not. Knows nothing of doit, which calls it job by job."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inrarch.engine import child, manifest
from inrarch.engine.digest import DigestCache, Stamp
from inrarch.engine.executors.executor import Executor, Work
from inrarch.engine.fingerprint import Ingredients, differences, fingerprint
from inrarch.engine.ingredients import SURROUNDINGS, IngredientReader, reason_to_leave_out
from inrarch.engine.needs import needs_of
from inrarch.engine.plan import Job, all_downstream
from inrarch.engine.step import BROKEN, FAILED
from inrarch.engine.store import Artefact
from inrarch.engine.stores import Stores
from inrarch.engine.trouble import disk_error, is_full, no_space, speaks_of_space
from inrarch.engine.view import View
from inrarch.errors import UserError
from inrarch.tools import process


class InterruptedBuildError(Exception):
    """The build is being stopped: nothing more is started or recorded."""


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


Listener = Callable[[Job, Outcome | None], None]
"""Told that a job starts to run (None) or has ended; from the thread that performs it."""


class Session:
    """The state of one build of one build directory.

    With `writable` false nothing in the build directory changes: for listing and explaining.
    `resolve` is called from one thread; `perform` from several, for different jobs, with an `executor` set.
    stages: what the workspace says of the needs of stages.
    listeners: see `Listener`. moved: whether the view shows another result than before.
    """

    def __init__(
        self,
        build: Path,
        package: str,
        tools: Mapping[str, str],
        *,
        writable: bool,
        stages: Mapping[str, Mapping[str, Any]] | None = None,
        store: Path | None = None,
        root: Path | None = None,
    ) -> None:
        self.build = build
        self.executor: Executor | None = None
        self._stages = stages or {}
        self.view = View(build)
        self.outcomes: dict[str, Outcome] = {}
        self.listeners: list[Listener] = []
        self.moved = False
        self._digests = DigestCache(build / ".digests.db", writable=writable)
        self.store = Stores(build, store, self._digests)
        self.root = root or build.parent
        self._writable = writable
        self._package = package
        self._tools = dict(tools)
        self._reader = IngredientReader(package, self._tools, self._digests)
        self._artefacts: dict[str, Artefact | None] = {}
        self._kept: dict[str, Job] = {}
        self._stopping = threading.Event()
        self._performing: set[str] = set()
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Around the calls of `perform`, with the build directory locked.

        Removes what a killed build left behind; when left by an exception, ends every stage that runs.
        """
        shutil.rmtree(self.build / ".tmp", ignore_errors=True)
        with self.store.building():
            try:
                yield
            except BaseException:
                self._stop()
                raise
            self._write_manifests()

    @property
    def stopping(self) -> bool:
        """Whether the build is being stopped."""
        return self._stopping.is_set()

    def request_stop(self) -> None:
        """From now on nothing is started or recorded."""
        self._stopping.set()

    def _stop(self) -> None:
        """End every running stage, politely and after some seconds by force; what has finished stays."""
        self.request_stop()
        if self.executor is not None:
            self.executor.stop()
        process.signal_all(signal.SIGTERM)
        self._wait_until_idle(2 * process.GRACE_S)
        process.signal_all(signal.SIGKILL)
        self._wait_until_idle(process.GRACE_S)

    def _wait_until_idle(self, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while self._performing and time.monotonic() < deadline:
            time.sleep(0.01)

    def link(self, job: Job) -> Path:
        """Where the view shows the artefact of a job."""
        return self.view.path(job.variant.project, job.variant.name, job.stage.name)

    def resolve(self, job: Job) -> Artefact | None:
        """The artefact that belongs to the present inputs of a job, shown in the view; None if the job must run.

        Raises UserError when an input or tool cannot be read.
        """
        if job.name in self._artefacts:
            return self._artefacts[job.name]
        inputs = self._inputs(job)
        artefact = None if inputs is None else self.store.find(fingerprint(self._reader.read(job, inputs)))
        if not self._writable:
            self._artefacts[job.name] = artefact
        elif artefact is not None:
            self._keep(job, artefact)
            self.outcomes[job.name] = Outcome("current")
        return artefact

    def reasons(self, job: Job) -> list[str]:
        """Why a job must run, as phrases; for a job that `resolve` has no artefact of."""
        inputs = self._inputs(job)
        if inputs is None:
            waiting = [upstream.stage.name for upstream in job.upstream if self.resolve(upstream) is None]
            return [f"after {', '.join(waiting)}"]
        return self._reasons(job, self._reader.read(job, inputs))

    def ingredients(self, job: Job) -> Ingredients | None:
        """What the fingerprint of a job is made of now; None if a stage before it must run first."""
        inputs = self._inputs(job)
        return None if inputs is None else self._reader.read(job, inputs)

    def perform(self, job: Job) -> Outcome:
        """Bring a job up to date whose upstream is; `outcomes` keeps the outcome. Raises InterruptedBuildError."""
        with self._guard:
            self._performing.add(job.name)
        try:
            outcome = self._perform(job)
        except UserError as error:
            outcome = Outcome("broken" if error.exit_code == BROKEN else "failed", text=error.text())
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            known = disk_error(error, self.build)
            text = known.text() if known else f"{place}{error.strerror or error}"
            outcome = Outcome("failed" if known else "broken", text=text)
        finally:
            with self._guard:
                self._performing.discard(job.name)
        if outcome.text:
            self._retire(job, *all_downstream(job))
        self.outcomes[job.name] = outcome
        self._tell(job, outcome)
        return outcome

    def _tell(self, job: Job, outcome: Outcome | None) -> None:
        for listener in self.listeners:
            listener(job, outcome)

    def _perform(self, job: Job) -> Outcome:
        inputs = self._inputs(job)
        assert inputs is not None, f"{job.name} was started before its inputs were there"
        with self._digests.recording() as before:
            ingredients = self._reader.read(job, inputs, fresh=True)
        name = fingerprint(ingredients)
        with self._lock(name), self.store.claim(name, title=job.name, stopping=self._stopping.is_set) as waited:
            if waited:
                self._check_unchanged(job, inputs, ingredients, before, "while another build made the result")
            artefact = self.store.find(name)
            if artefact is not None:  # another variant or build has just made it
                self._keep(job, artefact)
                return Outcome("current")
            reasons = tuple(self._reasons(job, ingredients))
            self._retire(job, *all_downstream(job))
            return self._run(job, inputs, ingredients, before, reasons)

    def _run(
        self,
        job: Job,
        inputs: Mapping[str, Artefact],
        ingredients: Ingredients,
        before: Mapping[str, Stamp],
        reasons: tuple[str, ...],
    ) -> Outcome:
        """Run the stage in a child and publish what it made. before: the files it may read, as they were."""
        with child.workplace(self.build / ".tmp", job) as place:
            assert self.executor is not None, "a build has an executor"
            expected = {key: ingredients[key] for key in SURROUNDINGS} if self.executor.elsewhere else None
            not_run = reason_to_leave_out(job.stage, ingredients)
            description = place.describe(self._package, job, inputs, ingredients["settings"], expected, not_run)
            self._check_not_stopping()
            needs = needs_of(job.stage, self._stages)
            work = Work(job.stage.name, place.folder, needs, self._tools, lambda: self._tell(job, None))
            ended = self.executor.run(work)
            self._check_not_stopping()
            if ended.exit_code != 0:
                self._check_space(job, place)
                folder = child.keep_failure(place, self.build, job, description)
                kind = "failed" if ended.exit_code == FAILED else "broken"
                return Outcome(kind, reasons, ended.seconds, text=child.failure_text(folder, ended.exit_code))
            self._check_unchanged(job, inputs, ingredients, before, "while the stage ran")
            result = place.result()
            artefact = self.store.publish(place.strip(), ingredients, child.provenance(job, ended, result))
        child.forget_failure(self.build, job)
        self._keep(job, artefact)
        return Outcome("ran", reasons, ended.seconds, result["summary"] or "")

    def _check_unchanged(
        self,
        job: Job,
        inputs: Mapping[str, Artefact],
        ingredients: Ingredients,
        before: Mapping[str, Stamp],
        since: str,
    ) -> None:
        """Raise UserError when a result of these ingredients would no longer be one of the present inputs."""
        changed = self._changes(job, inputs, ingredients, before)
        if changed:
            raise UserError(
                f"{changed[0]} {since}, so its result was not kept",
                place=job.name,
                hint="build again",
                exit_code=1,
            )

    def _changes(
        self, job: Job, inputs: Mapping[str, Artefact], ingredients: Ingredients, before: Mapping[str, Stamp]
    ) -> list[str]:
        """What is no longer as it was when the stage began, as phrases; also what was changed and changed back."""
        with self._digests.recording() as after:
            changed = differences(ingredients, self._reader.read(job, inputs, fresh=True))
        changed += [f"{path} was written" for path in before if after.get(path) != before[path]]
        return changed + [f"input {name} changed" for name, made in inputs.items() if not self._is_whole(made)]

    def _is_whole(self, artefact: Artefact) -> bool:
        found = self.store.find(artefact.fingerprint)
        return found is not None and found.digest == artefact.digest

    def _check_space(self, job: Job, place: child.Workplace) -> None:
        """Raise UserError if it is for want of space that a stage failed."""
        text = process.tail(place.log, child.LOG_LINES)
        if is_full(self.build):
            raise no_space(str(self.build), found=os.strerror(errno.ENOSPC), excerpt=text or None)
        found = speaks_of_space(text)
        if found:
            raise no_space(job.name, found=found, excerpt=text)

    def _inputs(self, job: Job) -> dict[str, Artefact] | None:
        """The artefacts that a job reads, by stage; None if one must be made first."""
        inputs = {}
        for upstream in job.upstream:
            artefact = self.resolve(upstream)
            if artefact is None:
                return None
            inputs[upstream.stage.name] = artefact
        return inputs

    def _reasons(self, job: Job, ingredients: Ingredients) -> list[str]:
        """What is new against the last run of the job, or what is wrong with its result."""
        name = fingerprint(ingredients)
        last = self.view.last(self.link(job))
        if last == name or (last is None and self.store.has(name)):
            return [self.store.inspect(name)[1] or "its result was incomplete"]
        record = None if last is None else self.store.record(last)
        if record is not None:
            return differences(record["ingredients"], ingredients)
        if child.failure_folder(self.build, job).exists():
            return ["it failed the last time"]
        return ["not built yet" if last is None else "its last result is gone"]

    def _keep(self, job: Job, artefact: Artefact) -> None:
        """Remember and show the artefact of a job; what was made from another one is shown no longer."""
        self._artefacts[job.name] = artefact
        self._kept[job.name] = job
        self.store.mark_used(artefact)
        if self.view.show(self.link(job), artefact.fingerprint, artefact.folder):
            self.moved = True
            manifest.remove(self.view, job)
            self._retire(*all_downstream(job))

    def _retire(self, *jobs: Job) -> None:
        for job in jobs:
            self._kept.pop(job.name, None)
            with suppress(OSError):
                manifest.remove(self.view, job)
                self.view.retire(self.link(job))

    def _write_manifests(self) -> None:
        """Describe the results of every variant of this build; a disk that refuses does not undo the build."""
        try:
            manifest.write_manifests(self.view, self.store, self.root, self.results(), self._digests)
        except OSError as error:
            print(f"{error.filename}: no manifest was written: {error.strerror}", file=sys.stderr, flush=True)

    def results(self) -> list[tuple[Job, Artefact]]:
        """Every result of the variants of this build that belongs to the present inputs.

        Stages after those that were asked for count too: the view shows them.
        """
        for job in list(self._kept.values()):
            for later in all_downstream(job):
                if later.name not in self._kept and self.view.target(self.link(later)):
                    with suppress(UserError):
                        self.resolve(later)
        kept = [(job, self._artefacts[name]) for name, job in self._kept.items()]
        return [(job, artefact) for job, artefact in kept if artefact is not None]

    def _lock(self, name: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(name, threading.Lock())

    def _check_not_stopping(self) -> None:
        if self.stopping:
            raise InterruptedBuildError
