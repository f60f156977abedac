"""Chooses variants by the names that a person types: ``project``, ``project@variant``, and globs of both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase

from inrarch.config.model import Variant, Workspace
from inrarch.errors import UserError, combined, did_you_mean

_MAX_LISTED = 12


def select_variants(workspace: Workspace, patterns: Sequence[str] = ()) -> tuple[Variant, ...]:
    """The variants of a workspace that match any of the patterns; see `select_names`."""
    variants = {project.name: {each.full_name: each for each in project.variants} for project in workspace.projects}
    broken = {project.name: project.error for project in workspace.broken}
    chosen = set(select_names(patterns, variants, broken))
    return tuple(each for named in variants.values() for name, each in named.items() if name in chosen)


def select_names(
    patterns: Sequence[str], variants: Mapping[str, Collection[str]], broken: Mapping[str, UserError]
) -> list[str]:
    """The names `project@variant` that match any of the patterns, all if there are none, in the order of `variants`.

    variants: names `project@variant` by project. broken: what is wrong with the other projects, by project.
    Raises `UserError` for a pattern that matches nothing, for a broken project that is chosen (with all its errors),
    and when there is no project at all.
    """
    if not variants and not broken:
        raise UserError("the workspace has no projects", hint="`inrarch init NAME --onnx MODEL` makes one")
    chosen: set[str] = set()
    wrong: dict[str, UserError] = {}
    for pattern in patterns or ["*"]:
        found = [name for project, names in variants.items() for name in names if _fits(pattern, project, name)]
        faulty = {name: error for name, error in broken.items() if fnmatchcase(name, pattern.partition("@")[0])}
        if not found and not faulty:
            raise _unknown(pattern, variants, broken)
        chosen.update(found)
        wrong.update(faulty)
    if wrong:
        raise combined(list(wrong.values()))
    return [name for names in variants.values() for name in names if name in chosen]


def _fits(pattern: str, project: str, name: str) -> bool:
    return fnmatchcase(project, pattern) or fnmatchcase(name, pattern)


def _unknown(pattern: str, variants: Mapping[str, Collection[str]], broken: Mapping[str, UserError]) -> UserError:
    project, at, variant = pattern.partition("@")
    if at and project in variants:
        known = [name.partition("@")[2] for name in variants[project]]
        found = f"project {project!r} has no variant {variant!r}"
        return UserError(found, expected=_listed(known), hint=did_you_mean(variant, known))
    known = sorted([*variants, *broken])
    return UserError(f"no project {project!r}", expected=_listed(known), hint=did_you_mean(project, known))


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MAX_LISTED} more" if len(names) > _MAX_LISTED else ""
    return f"one of {', '.join(names[:_MAX_LISTED])}{more}"
