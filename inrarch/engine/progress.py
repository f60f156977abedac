"""How far a build is: what runs, what is done, what waits, and how long the rest may take."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from inrarch.engine.plan import Job

_MANY = 200
"""From so many jobs on an estimate is not made for every look at the state."""


@dataclass(frozen=True, slots=True)
class Running:
    """A stage that runs. expected_s: what it took the last time, or None."""

    name: str
    elapsed_s: float
    expected_s: float | None


@dataclass(frozen=True, slots=True)
class State:
    """A moment of a build.

    counts: of the jobs that are done, by kind of outcome (`ran`, `current`, `failed`, `broken`, `not run`).
    left_s: an estimate of what is left, None where nothing is known. at_least: some stage has no estimate.
    """

    running: tuple[Running, ...]
    counts: Mapping[str, int]
    waiting: int
    total: int
    elapsed_s: float
    left_s: float | None
    at_least: bool


@dataclass(slots=True)
class Progress:
    """Follows the jobs of a build; may be told and asked by any thread.

    jobs: all of them, each after its upstream. expected: seconds by job, from earlier runs; 0 for one that has nothing
    to do, because it is up to date or because another one does its work. workers: stages at a time.
    """

    jobs: Sequence[Job]
    expected: Mapping[str, float]
    workers: int
    clock: Callable[[], float] = time.monotonic
    _began: float = 0.0
    _running: dict[str, tuple[Job, float]] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)
    _counts: Counter[str] = field(default_factory=Counter)
    _estimate: tuple[float, float | None, bool] | None = None
    _seconds: dict[str, list[float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._began = self.clock()
        for job in self.jobs:
            if self.expected.get(job.name):
                self._seconds.setdefault(job.stage.name, []).append(self.expected[job.name])

    def start(self, job: Job) -> None:
        """A stage begins."""
        with self._lock:
            self._running[job.name] = (job, self.clock())

    def end(self, job: Job, kind: str, seconds: float = 0.0) -> None:
        """A job is done, one way or another. seconds: how long it ran."""
        with self._lock:
            self._running.pop(job.name, None)
            self._done.add(job.name)
            self._counts[kind] += 1
            if kind == "ran":
                self._seconds.setdefault(job.stage.name, []).append(seconds)

    def expected_s(self, job: Job) -> float | None:
        """Of this job the last time; else the mean of its stage in other variants; None where nothing is known."""
        known = self.expected.get(job.name)
        if known is not None:
            return known
        others = self._seconds.get(job.stage.name)
        return sum(others) / len(others) if others else None

    def state(self) -> State:
        """The state now."""
        with self._lock:
            now = self.clock()
            running = tuple(
                Running(job.name, now - began, self.expected_s(job) or None) for job, began in self._running.values()
            )
            left_s, at_least = self._left(now)
            return State(
                running=tuple(sorted(running, key=lambda each: -each.elapsed_s)),
                counts=dict(self._counts),
                waiting=len(self.jobs) - len(self._done) - len(running),
                total=len(self.jobs),
                elapsed_s=now - self._began,
                left_s=left_s,
                at_least=at_least,
            )

    def _left(self, now: float) -> tuple[float | None, bool]:
        """An estimate of what is left, and whether more is unknown; of a large build made once a second."""
        if self._estimate is None or len(self.jobs) < _MANY or now - self._estimate[0] >= 1:
            self._estimate = (now, *self._estimated(now))
        made, left_s, at_least = self._estimate
        return None if left_s is None else max(0.0, left_s - (now - made)), at_least

    def _estimated(self, now: float) -> tuple[float | None, bool]:
        """The work that is left over all workers, at least the longest chain of stages that wait for each other."""
        work, chains, unknown, known = 0.0, dict[str, float](), False, False
        for job in self.jobs:
            before = max((chains.get(upstream.name, 0.0) for upstream in job.upstream), default=0.0)
            chains[job.name] = before
            if job.name in self._done:
                continue
            expected = self.expected_s(job)
            unknown = unknown or expected is None
            known = known or expected is not None
            began = self._running[job.name][1] if job.name in self._running else now
            rest = max(0.0, (expected or 0.0) - (now - began))
            work += rest
            chains[job.name] = before + rest
        if not known:
            return (0.0, False) if not unknown else (None, True)
        return max(work / max(1, self.workers), *chains.values()), unknown
