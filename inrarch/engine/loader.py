"""doit's task loader for a workspace: tasks come from the projects' YAML files, so no dodo.py is needed."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from inspect import Signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from doit.cmd_base import TaskLoader2
from doit.exceptions import InvalidDodoFile, TaskError, TaskFailed
from doit.task import Task

from inrarch.config.model import ExecutorChoice, Totals
from inrarch.engine.fingerprint import shorten
from inrarch.engine.plan import Job, Plan, make_plan
from inrarch.engine.session import InterruptedBuildError, Session
from inrarch.errors import UserError

if TYPE_CHECKING:
    from inrarch.config.model import Variant


@dataclass(slots=True)
class Judge:
    """doit asks it whether a task is up to date; it asks the session. Its text is the reason why not."""

    session: Session
    jobs: Sequence[Job]
    __signature__: ClassVar[Signature] = Signature()
    """doit looks for magic arguments in the signature: told here, that costs nothing."""

    def __call__(self) -> bool:
        """Whether every job has the artefact of its present inputs. Errors are told when the job is run."""
        try:
            return all(self.session.resolve(job) is not None for job in self.jobs)
        except Exception:
            return False

    def __repr__(self) -> str:
        for job in self.jobs:
            try:
                if self.session.resolve(job) is None:
                    return f"{job.stage.name}: {shorten(self.session.reasons(job), 5)}"
            except UserError as error:
                return f"{job.stage.name}: {error.text()}"
        return "up to date"


class StageTask(Task):  # type: ignore[misc]
    """The doit task of one job."""

    def __init__(self, session: Session, job: Job) -> None:
        self.job = job
        self.session = session
        super().__init__(
            job.name,
            [self._perform],
            task_dep=[upstream.name for upstream in job.upstream],
            uptodate=[Judge(session, [job])],
            subtask_of=job.variant_name,
            doc=job.stage.title,
            io={"capture": False},
            verbosity=0,
            meta={"result": str(session.link(job))},
        )

    def _perform(self) -> Any:
        try:
            outcome = self.session.perform(self.job)
        except InterruptedBuildError:
            return TaskError("interrupted", report=False)
        if outcome.kind == "failed":
            return TaskFailed(outcome.text)
        if outcome.kind == "broken":
            return TaskError(outcome.text)
        return {"seconds": round(outcome.seconds, 3)}


@dataclass(frozen=True, slots=True)
class Source:
    """What there is to build: package of the stages, variants by project, and what the workspace says of the build.

    titles: a line of text per project. jobs: stages at a time, None = as many as the executor has room for. tools:
    configured paths by tool name. broken: projects whose configuration is wrong, with what is wrong. totals, stages,
    executor: what there is, what stages need, and where they run. second_build: see `Workspace`.
    store: a shared store, or None. root: what paths in manifests are relative to (default: the build's folder).
    """

    build: Path
    package: str
    variants: tuple[Variant, ...]
    titles: dict[str, str]
    jobs: int | None
    tools: dict[str, str]
    broken: dict[str, UserError]
    totals: Totals = field(default_factory=Totals)
    stages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    executor: ExecutorChoice = field(default_factory=ExecutorChoice)
    store: Path | None = None
    root: Path | None = None
    second_build: str = "refuse"

    def session(self, *, writable: bool) -> Session:
        """The state of a build of it; see `Session`."""
        return Session(
            self.build,
            self.package,
            self.tools,
            writable=writable,
            store=self.store,
            root=self.root,
            stages=self.stages,
        )


class WorkspaceLoader(TaskLoader2):  # type: ignore[misc]
    """Loads the workspace of the current directory: a task per stage, a group per variant and per project."""

    def __init__(self) -> None:
        super().__init__()
        self.source: Source
        self.plan: Plan
        self.session: Session

    def setup(self, opt_values: dict[str, Any]) -> None:
        """Read the configuration."""
        try:
            with _without_garbage_collection():
                self.source = self.read()
        except UserError as error:
            raise InvalidDodoFile(error.text()) from error

    def read(self) -> Source:
        """The source of the workspace around the current directory."""
        from inrarch.config.load import find_root, load_workspace
        from inrarch.tools import tools

        workspace = load_workspace(find_root(), tools=tools())
        return Source(
            build=workspace.build,
            package="inrarch.stages",
            variants=tuple(variant for project in workspace.projects for variant in project.variants),
            titles={project.name: project.description for project in workspace.projects},
            jobs=workspace.jobs,
            totals=workspace.resources,
            stages=workspace.stages,
            executor=workspace.executor,
            tools=dict(workspace.tools),
            broken={project.name: project.error for project in workspace.broken},
            store=workspace.store,
            root=workspace.root,
            second_build=workspace.second_build,
        )

    def load_doit_config(self) -> dict[str, Any]:
        """doit's settings for this workspace."""
        return {"dep_file": str(self.source.build / ".doit.db"), "backend": "inrarch", "reporter": "inrarch"}

    def load_tasks(self, cmd: Any, pos_args: list[str]) -> list[Task]:
        """The tasks; `cmd.execute_tasks` says whether the build directory may change."""
        with _without_garbage_collection():
            return self._load_tasks(cmd)

    def _load_tasks(self, cmd: Any) -> list[Task]:
        from inrarch.stages import stages

        source = self.source
        if not cmd.execute_tasks:
            for name in source.broken:
                print(f"project {name!r} is left out: `inrarch check {name}` tells what is wrong", file=sys.stderr)
        self.plan = make_plan(source.variants, stages(source.package), source.broken)
        self.session = source.session(writable=cmd.execute_tasks)
        return make_tasks(self.plan, self.session, source.titles)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """For what makes many objects that all stay: the collector would go over them again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def make_tasks(plan: Plan, session: Session, titles: dict[str, str]) -> list[Task]:
    """The groups of projects and variants, and a task for each job; in the order in which `list` shows them."""
    tasks: list[Task] = []
    for project, variants in plan.projects.items():
        jobs = [plan.jobs[name] for variant in variants for name in plan.variants[variant]]
        text = titles.get(project) or f"{len(variants)} variant{'s' if len(variants) != 1 else ''}"
        tasks.append(_group(project, variants, Judge(session, jobs), text))
        for variant in variants:
            names = plan.variants[variant]
            jobs = [plan.jobs[name] for name in names]
            tasks.append(_group(variant, names, Judge(session, jobs), " -> ".join(job.stage.name for job in jobs)))
            tasks += [StageTask(session, job) for job in jobs]
    return tasks


def _group(name: str, members: list[str], judge: Judge, text: str) -> Task:
    return Task(name, None, task_dep=members, has_subtask=True, uptodate=[judge], doc=text)
