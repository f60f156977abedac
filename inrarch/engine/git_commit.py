"""The commit of the workspace, for the record of a build."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from inrarch.errors import UserError
from inrarch.tools import process

_TIMEOUT_S = 10.0


def git_commit(folder: Path) -> dict[str, Any] | None:
    """`commit`, `branch` (null when detached) and `dirty` (a tracked file below `folder` is changed).

    None without git, a repository or a commit.
    """
    if not any((each / ".git").exists() for each in (folder, *folder.parents)):
        return None
    # Nothing that the repository's configuration names is run, and its index is not touched.
    command = ("git", "-c", "core.fsmonitor=false", "status", "--porcelain=v2", "--branch", "--untracked-files=no", ".")
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        lines = process.run(command, cwd=folder, env=environment, timeout_s=_TIMEOUT_S).output.splitlines()
    except UserError:
        return None
    head = dict(line[2:].split(" ", 1) for line in lines if line.startswith("# "))
    commit, branch = head.get("branch.oid", "(initial)"), head.get("branch.head")
    if commit == "(initial)":
        return None
    dirty = any(not line.startswith("# ") for line in lines)
    return {"commit": commit, "branch": None if branch == "(detached)" else branch, "dirty": dirty}
