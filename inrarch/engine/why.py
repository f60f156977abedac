"""Why a stage would run: every change since its last run, with old and new; or what its present result depends on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from inrarch.engine.digest import canonical
from inrarch.engine.durations import in_words
from inrarch.engine.fingerprint import Ingredients, differences, short
from inrarch.engine.plan import Job, Plan
from inrarch.engine.session import Session
from inrarch.engine.store import Artefact
from inrarch.errors import UserError


def explain(session: Session, plan: Plan, patterns: Sequence[str]) -> Iterator[str]:
    """A text for every stage that the names stand for, and for stages before them that would run.

    What an up-to-date result depends on is told where a name asks for stages (`project@variant:stage`).
    """
    asked: dict[str, bool] = {}
    for pattern in patterns or ["*"]:
        for name in plan.match(pattern):
            asked[name] = asked.get(name, False) or ":" in pattern
    for job in plan.select(patterns):
        try:
            artefact = session.resolve(job)
            if artefact is None:
                yield _lines(f"{job.name}  would run:", _reasons(session, job))
            elif job.name in asked:
                ingredients = session.ingredients(job) if asked[job.name] else None
                yield _up_to_date(session, job, artefact, ingredients)
        except UserError as error:
            yield _lines(f"{job.name}  would fail:", error.text().splitlines())


def _reasons(session: Session, job: Job) -> list[str]:
    """Every change with old and new, where the last run is known; else what the build would say."""
    reasons = session.reasons(job)
    last = session.view.last(session.link(job))
    record = session.store.record(last) if last is not None else None
    ingredients = session.ingredients(job)
    if record is None or ingredients is None:
        return reasons
    return differences(record["ingredients"], ingredients, digests=True) or reasons


def _up_to_date(session: Session, job: Job, artefact: Artefact, ingredients: Ingredients | None) -> str:
    made: Mapping[str, Any] = artefact.record["provenance"]
    maker = f" by {made['job']}" if made.get("job", job.name) != job.name else ""
    head = f"{job.name}  up to date (made{maker} {made['finished']} in {in_words(made['seconds'])})"
    if ingredients is None:
        return head
    files = job.stage.files(job.variant)
    lines = [f"file {name}: {short(digest)} ({files[name]})" for name, digest in ingredients["files"].items()]
    lines += [f"input {name}: {short(digest)}" for name, digest in ingredients["inputs"].items()]
    lines += [f"{key} = {canonical(value)}" for key, value in _leaves("", ingredients["settings"])]
    lines += [f"{name} {version}" for name, version in (ingredients["tools"] | ingredients["libraries"]).items()]
    lines += [f"file {name}: {short(digest)}" for name, digest in ingredients["data"].items()]
    lines += [f"code {name}: {short(digest)}" for name, digest in ingredients["code"].items()]
    return _lines(f"{head}; it depends on", lines)


def _leaves(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    """(dotted key, value) of every setting."""
    if isinstance(value, dict) and value:
        for key, below in sorted(value.items()):
            yield from _leaves(f"{prefix}.{key}" if prefix else key, below)
    elif prefix:
        yield prefix, value


def _lines(head: str, lines: Sequence[str]) -> str:
    return "\n    ".join([head, *lines])
