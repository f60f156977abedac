"""The plan: one job per (variant, stage), and the names by which a person picks from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from inrarch.config.select import select_names
from inrarch.engine.stage import Stage
from inrarch.errors import UserError, did_you_mean

if TYPE_CHECKING:
    from inrarch.config.model import Variant


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One stage of one variant. upstream: the jobs whose artefacts it reads, in the order of `Stage.after`."""

    variant: Variant
    stage: Stage
    upstream: tuple[Job, ...]
    downstream: list[Job] = field(default_factory=list, repr=False)

    @property
    def name(self) -> str:
        """`project@variant:stage`."""
        return f"{self.variant_name}:{self.stage.name}"

    @property
    def variant_name(self) -> str:
        """`project@variant`."""
        return f"{self.variant.project}@{self.variant.name}"


@dataclass(frozen=True, slots=True)
class Plan:
    """All jobs and their names.

    jobs: by name, each after its upstream. stages: their names in running order. variants: names of jobs by
    `project@variant`. projects: names of variants by project. broken: what is wrong with the other projects.
    """

    jobs: dict[str, Job]
    stages: tuple[str, ...]
    variants: dict[str, list[str]]
    projects: dict[str, list[str]]
    broken: Mapping[str, UserError]

    def select(self, patterns: Sequence[str], until: str | None = None) -> list[Job]:
        """The jobs that the names ask for, and what these need; in an order in which they can run.

        A name is `project`, `project@variant`, one of them with `:stage`, or a glob of one; none means all.
        until: leave out what comes after this stage. Raises UserError for a name or stage that does not exist, and for
        a project that is broken.
        """
        if until is not None and until not in self.stages:
            raise self._no_stage(until)
        wanted: set[str] = set()
        for pattern in patterns or ["*"]:
            for name in self.match(pattern):
                job = self.jobs[name]
                if until is None or ":" in pattern or job.stage.name == until:
                    wanted.update(each.name for each in (job, *_reached(job, lambda each: each.upstream)))
        return [job for name, job in self.jobs.items() if name in wanted]

    def match(self, pattern: str) -> list[str]:
        """The names of the jobs that one name or glob stands for. Raises UserError as `select` does."""
        variant, colon, stage = pattern.partition(":")
        found = [name for each in select_names([variant], self.projects, self.broken) for name in self.variants[each]]
        if not colon:
            return found
        if not any(fnmatchcase(name, stage) for name in self.stages):
            raise self._no_stage(stage)
        return [name for name in found if fnmatchcase(self.jobs[name].stage.name, stage)]

    def belonging_to(self, patterns: Sequence[str], *, stages: bool) -> set[str]:
        """The projects, variants and jobs that the names stand for or that belong to these.

        stages: also the jobs of variants that are named without `:stage`. Raises UserError as `select` does.
        """
        found: set[str] = set()
        for pattern in patterns:
            jobs = self.match(pattern)
            variants = {self.jobs[name].variant_name for name in jobs}
            if stages or ":" in pattern:
                found.update(jobs)
            if ":" not in pattern:
                found.update(variants)
            if not set(pattern) & set("@:"):
                found.update(project for project, names in self.projects.items() if variants.issuperset(names))
        return found

    def _no_stage(self, name: str) -> UserError:
        expected = f"one of {', '.join(self.stages)}"
        return UserError(f"no stage is called {name!r}", expected=expected, hint=did_you_mean(name, self.stages))


def make_plan(variants: Iterable[Variant], stages: Sequence[Stage], broken: Mapping[str, UserError]) -> Plan:
    """Every stage of every variant. The stages come in an order in which they can run. broken: see `Plan`."""
    plan = Plan({}, tuple(stage.name for stage in stages), {}, {}, broken)
    for variant in variants:
        jobs: dict[str, Job] = {}
        for stage in stages:
            job = Job(variant, stage, tuple(jobs[name] for name in stage.after))
            for upstream in job.upstream:
                upstream.downstream.append(job)
            jobs[stage.name] = job
            plan.jobs[job.name] = job
            plan.variants.setdefault(job.variant_name, []).append(job.name)
        plan.projects.setdefault(variant.project, []).append(f"{variant.project}@{variant.name}")
    return plan


def all_downstream(job: Job) -> list[Job]:
    """Every job of the variant that depends on this one, directly or not; each once."""
    return _reached(job, lambda each: each.downstream)


def _reached(job: Job, following: Callable[[Job], Iterable[Job]]) -> list[Job]:
    """The jobs that `following` leads to from a job, step by step; each once."""
    found: dict[str, Job] = {}
    waiting = list(following(job))
    while waiting:
        reached = waiting.pop()
        if reached.name not in found:
            found[reached.name] = reached
            waiting += following(reached)
    return list(found.values())
