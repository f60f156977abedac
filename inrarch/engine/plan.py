"""The plan: one job per (variant, stage), and the names by which a person picks from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

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
    """jobs: by name, each after its upstream. variants: job names by `project@variant`, which projects by project."""

    jobs: dict[str, Job]
    variants: dict[str, list[str]]
    projects: dict[str, list[str]]

    def select(self, patterns: Sequence[str], until: str | None = None) -> list[Job]:
        """The jobs that the names ask for, and what these need; in an order in which they can run.

        A name is `project`, `project@variant`, `project@variant:stage` or a glob of one; none means all.
        until: leave out what comes after this stage. Raises UserError for a name or stage that does not exist.
        """
        stages = list(dict.fromkeys(job.stage.name for job in self.jobs.values()))
        if until is not None and until not in stages:
            raise UserError(
                f"no stage is called {until!r}",
                expected=f"one of {', '.join(stages)}",
                hint=did_you_mean(until, stages),
            )
        wanted: set[str] = set()
        for pattern in patterns or list(self.projects):
            for name in self.match(pattern):
                job = self.jobs[name]
                if until is None or ":" in pattern or job.stage.name == until:
                    wanted.update(upstream.name for upstream in _with_upstream(job))
        return [job for name, job in self.jobs.items() if name in wanted]

    def match(self, pattern: str) -> list[str]:
        """The names of the jobs that one name or glob stands for."""
        if ":" in pattern:
            known: Iterable[str] = self.jobs
            found = [name for name in self.jobs if _matches(name, pattern)]
        else:
            known = [*self.projects, *self.variants]
            projects = [name for name in self.projects if _matches(name, pattern)]
            names = [variant for project in projects for variant in self.projects[project]]
            names += [name for name in self.variants if _matches(name, pattern)]
            found = [job for variant in dict.fromkeys(names) for job in self.variants[variant]]
        if not found:
            raise UserError(
                f"nothing to build is called {pattern!r}",
                expected=_some(self.projects),
                hint=did_you_mean(pattern, known) or "`doit list --all` shows every name",
            )
        return found


def make_plan(variants: Iterable[Variant], stages: Sequence[Stage]) -> Plan:
    """Every stage of every variant. The stages come in an order in which they can run."""
    plan = Plan({}, {}, {})
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
    found: dict[str, Job] = {}
    waiting = list(job.downstream)
    while waiting:
        follower = waiting.pop()
        if follower.name not in found:
            found[follower.name] = follower
            waiting += follower.downstream
    return list(found.values())


def _with_upstream(job: Job) -> list[Job]:
    found: dict[str, Job] = {}
    waiting = [job]
    while waiting:
        needed = waiting.pop()
        if needed.name not in found:
            found[needed.name] = needed
            waiting += needed.upstream
    return list(found.values())


def _matches(name: str, pattern: str) -> bool:
    return name == pattern or (re.search(r"[*?\[]", pattern) is not None and fnmatchcase(name, pattern))


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    if not listed:
        return "a project (this workspace has none)"
    return f"a project ({', '.join(listed[:8])}{', ...' if len(listed) > 8 else ''}), project@variant or a glob of one"
