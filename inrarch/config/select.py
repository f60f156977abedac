"""Chooses variants by the names that a person types: ``project``, ``project@variant``, and globs of both."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from inrarch.config.model import Variant, Workspace
from inrarch.errors import UserError, combined, did_you_mean

_MAX_LISTED = 12


def select_variants(workspace: Workspace, patterns: Sequence[str] = ()) -> tuple[Variant, ...]:
    """The variants that match any of the patterns, all if there are none, in the order of the workspace.

    Raises `UserError` for a pattern that matches nothing, for a project chosen that is broken (with all its errors),
    and for a workspace without projects.
    """
    variants = [variant for project in workspace.projects for variant in project.variants]
    broken = {project.name: project.error for project in workspace.broken}
    if not variants and not broken:
        raise UserError(
            "the workspace has no projects",
            place=str(workspace.root),
            hint="`inrarch init NAME --onnx MODEL` makes one",
        )
    for pattern in patterns:
        known_project = any(_fits_project(pattern, name) for name in broken)
        if not known_project and not any(_fits(pattern, variant) for variant in variants):
            raise _unknown(pattern, workspace)
    wrong = [error for name, error in broken.items() if not patterns or any(_fits_project(p, name) for p in patterns)]
    if wrong:
        raise combined(wrong)
    return tuple(variant for variant in variants if not patterns or any(_fits(p, variant) for p in patterns))


def _fits(pattern: str, variant: Variant) -> bool:
    return fnmatchcase(variant.full_name if "@" in pattern else variant.project, pattern)


def _fits_project(pattern: str, project: str) -> bool:
    return fnmatchcase(project, pattern.partition("@")[0])


def _unknown(pattern: str, workspace: Workspace) -> UserError:
    project_name, at, variant_name = pattern.partition("@")
    projects = {project.name: project for project in workspace.projects}
    if at and project_name in projects:
        known = [variant.name for variant in projects[project_name].variants]
        found = f"project {project_name!r} has no variant {variant_name!r}"
        return UserError(found, expected=_listed(known), hint=did_you_mean(variant_name, known))
    known = sorted([*projects, *(project.name for project in workspace.broken)])
    return UserError(f"no project {project_name!r}", expected=_listed(known), hint=did_you_mean(project_name, known))


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MAX_LISTED} more" if len(names) > _MAX_LISTED else ""
    return f"one of {', '.join(names[:_MAX_LISTED])}{more}"
