"""What git says of the workspace: the commit, and which files are not as they are in it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from inrarch.engine.digest import DigestCache, canonical, text_digest
from inrarch.errors import UserError
from inrarch.tools import process

MOST_DIRTY = 200
"""So many changed files are listed by name; the digest is over all of them."""

_TIMEOUT_S = 30.0


def git_state(root: Path, digests: DigestCache) -> dict[str, Any] | None:
    """`commit`, `branch`, `dirty` (path from `root` -> SHA-256, null = deleted or a folder), `dirty_count`,
    `dirty_digest`; None where there is no git or no repository. Files that git ignores do not count.
    """
    read = _status(root, untracked="normal")
    if read is None:
        return None
    head, paths = read
    try:
        top = Path(_git(root, "rev-parse", "--show-toplevel").rstrip("\n"))
    except UserError:
        return None
    files = {os.path.relpath(top / path, root): top / path for path in paths}
    dirty = {name: digests.file(path) if path.is_file() else None for name, path in files.items()}
    names = sorted(dirty)
    return {
        **head,
        "dirty": {name: dirty[name] for name in names[:MOST_DIRTY]},
        "dirty_count": len(dirty),
        "dirty_digest": text_digest(canonical(dirty)) if dirty else None,
    }


def git_commit(root: Path) -> dict[str, Any] | None:
    """`commit`, `branch` and `dirty` (whether a tracked file below `root` is changed): reads no file.

    None without git, a repository or a commit.
    """
    read = _status(root, untracked="no")
    if read is None or read[0]["commit"] is None:
        return None
    return {**read[0], "dirty": bool(read[1])}


def _status(root: Path, *, untracked: str) -> tuple[dict[str, str | None], list[str]] | None:
    """`commit` (null before the first) and `branch` (null when detached), and the paths that differ, from the top."""
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        return None
    options = ("--porcelain=v2", "--branch", f"--untracked-files={untracked}", "--no-renames", "-z")
    try:
        status = _git(root, "status", *options, ".")
    except UserError:
        return None
    headers: dict[str, str] = {}
    paths: list[str] = []
    for entry in status.split("\0"):
        kind, _, rest = entry.partition(" ")
        if kind == "#":
            name, _, value = rest.partition(" ")
            headers[name] = value
        elif kind in _FIELDS_BEFORE_PATH:
            paths.append(rest.split(" ", _FIELDS_BEFORE_PATH[kind])[-1])
    commit, branch = headers.get("branch.oid"), headers.get("branch.head")
    head = {
        "commit": None if commit == "(initial)" else commit,
        "branch": None if branch == "(detached)" else branch,
    }
    return head, paths


_FIELDS_BEFORE_PATH = {"1": 7, "u": 9, "?": 0}
"""Words between the kind of an entry and its path (git-status, porcelain format version 2)."""


def _git(folder: Path, *arguments: str) -> str:
    """What a git command prints. Nothing of the repository's own configuration is run."""
    return process.run(
        ("git", "-c", "core.fsmonitor=false", *arguments),
        cwd=folder,
        env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
        timeout_s=_TIMEOUT_S,
    ).output
