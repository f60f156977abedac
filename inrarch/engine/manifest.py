"""`build/<project>/<variant>/manifest.json`: what a variant's results are and all that they were made from.

`content` depends on nothing but that (no place, host or time), `digest` is its digest: two builds of equal sources have
equal digests. Beside it stand `git` and `provenance`. `state` is written first; it tells in the first bytes of the file
whether it is still what would be written, so that a build with nothing to do reads little.

A manifest is removed as soon as a result of its variant is another one: as the view, it never tells of old results as
if they were new. schemas/manifest.schema.json has every key.
"""

from __future__ import annotations

import json
import os
import platform
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inrarch.engine.digest import DigestCache, canonical, text_digest, tree_digest
from inrarch.engine.git_state import git_state
from inrarch.engine.plan import Job
from inrarch.engine.store import Artefact
from inrarch.engine.stores import Stores
from inrarch.engine.view import View

NAME = "manifest.json"
FORMAT = 1

Results = list[tuple[Job, Artefact]]


def manifest_path(view: View, job: Job) -> Path:
    """The manifest of the variant of a job."""
    return view.path(job.variant.project, job.variant.name, NAME)


def manifests_of(view: View, links: Iterable[Path]) -> list[Path]:
    """The manifests of the variants whose results some links of the view show or showed last, sorted."""
    folders = {view.build.joinpath(*link.relative_to(view.build).parts[:2]) for link in links}
    return [path for folder in sorted(folders) if (path := folder / NAME).is_file()]


def remove(view: View, job: Job) -> None:
    """Remove the manifest of a job's variant: it tells of other results."""
    manifest_path(view, job).unlink(missing_ok=True)


def write_manifests(view: View, stores: Stores, root: Path, results: Results, digests: DigestCache) -> None:
    """Write the manifest of each variant among the results, unless it is there and would be the same.

    root: what the paths of inputs are relative to. Raises OSError when the disk refuses.
    """
    if not results:
        return
    git = git_state(root, digests)
    variants: dict[Path, Results] = {}
    for job, artefact in results:
        variants.setdefault(manifest_path(view, job), []).append((job, artefact))
    for path, members in variants.items():
        members.sort(key=lambda member: member[0].stage.name)
        state = _state(root, members, git)
        if _state_of(path) != state:
            whole = [
                (job, replace(artefact, record=record))
                for job, artefact in members
                if (record := stores.record(artefact.fingerprint)) is not None
            ]
            if len(whole) < len(members):  # somebody has just removed a result
                continue
            sorted_rest = json.loads(canonical(_manifest(root, whole, git)))
            _write(view, path, {"format": FORMAT, "state": state, **sorted_rest})


def _state(root: Path, members: Results, git: Mapping[str, Any] | None) -> str:
    """Digest of what determines the manifest: fingerprints stand for all that results were made from."""
    made = [[job.stage.name, artefact.fingerprint, artefact.digest, _paths(root, job)] for job, artefact in members]
    return text_digest(canonical([FORMAT, members[0][0].variant_name, made, git]))


def _state_of(path: Path) -> str | None:
    """The state that a manifest was written in; None if there is none."""
    try:
        with path.open("rb") as stream:
            head = stream.read(128).decode("utf-8", "replace")
    except OSError:
        return None
    return head.partition('"state": "')[2].partition('"')[0] or None


def _manifest(root: Path, members: Results, git: Mapping[str, Any] | None) -> dict[str, Any]:
    variant = members[0][0].variant
    content = {
        "project": variant.project,
        "variant": variant.name,
        "stages": {job.stage.name: _stage(root, job, artefact) for job, artefact in members},
        "code": _merged(artefact.record["ingredients"]["code"] for _, artefact in members),
        "data": _merged(artefact.record["ingredients"]["data"] for _, artefact in members),
    }
    made = {job.stage.name: artefact.record["provenance"] for job, artefact in members}
    return {
        "digest": text_digest(canonical(content)),
        "content": content,
        "git": git,
        "provenance": {
            "written": datetime.now(UTC).isoformat(timespec="seconds"),
            "host": platform.node(),
            "platform": platform.platform(),
            "seconds": round(sum(each.get("seconds", 0.0) for each in made.values()), 3),
            "stages": made,
        },
    }


def _stage(root: Path, job: Job, artefact: Artefact) -> dict[str, Any]:
    ingredients = artefact.record["ingredients"]
    paths = _paths(root, job)
    return {
        "fingerprint": artefact.fingerprint,
        "settings": ingredients["settings"],
        "files": {key: {"path": paths[key], "sha256": digest} for key, digest in ingredients["files"].items()},
        "inputs": ingredients["inputs"],
        "code": tree_digest(ingredients["code"]),
        "data": tree_digest(ingredients["data"]),
        "tools": ingredients["tools"],
        "libraries": ingredients["libraries"],
        "outputs": artefact.record["payload"],
    }


def _paths(root: Path, job: Job) -> dict[str, str]:
    """The external files of a job by key, relative to the workspace."""
    return {key: Path(os.path.relpath(file, root)).as_posix() for key, file in job.stage.files(job.variant).items()}


def _merged(digests: Iterable[Mapping[str, str]]) -> dict[str, str]:
    merged: dict[str, str] = {}
    for each in digests:
        merged.update(each)
    return dict(sorted(merged.items()))


def _write(view: View, path: Path, value: Mapping[str, Any]) -> None:
    """Replace a file by rename."""
    fresh = view.build / ".tmp" / f"manifest-{uuid.uuid4().hex}"
    fresh.parent.mkdir(exist_ok=True)
    fresh.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    os.replace(fresh, path)
