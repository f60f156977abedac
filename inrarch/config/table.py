"""The matrix of a project as a table: a line per variant, a column per key in which the variants differ."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from inrarch.config.matrix import Entry, matrix_entries
from inrarch.config.model import Project, Workspace
from inrarch.config.schema import load_schema, with_defaults
from inrarch.config.tree import Tree, overlaid
from inrarch.config.yaml12 import read_yaml

_WIDEST = 40


def table(workspace: Workspace, project: Project, chosen: Collection[str] | None = None) -> str:
    """The table of a project that is right, as text.

    chosen: names of variants; None means all, and then the points that are excluded are shown too.
    """
    entries = matrix_entries(_tree(workspace, project))
    counts = {status: sum(entry.status == status for entry in entries) for status in ("", "excluded", "added")}
    variants = counts[""] + counts["added"]
    parts = [f"{counts[status]} {status}" for status in ("excluded", "added") if counts[status]]
    more = f" ({', '.join(parts)})" if parts else ""
    head = f"{project.name}: {variants} variant{'s' * (variants != 1)}{more}"
    shown = [entry for entry in entries if chosen is None or (entry.status != "excluded" and entry.name in chosen)]
    keys = list(dict.fromkeys(key for entry in entries for key in entry.keys))
    rows = [["variant", *keys, ""], *(_row(project, entry, keys) for entry in shown)]
    return "\n".join([head, *_aligned(rows)])


def _row(project: Project, entry: Entry, keys: Sequence[str]) -> list[str]:
    value = with_defaults(load_schema("project"), entry.config.value)
    cells = [entry.labels.get(key) or _cell(_at(value, key)) for key in keys]
    name = entry.name if entry.status == "excluded" else f"{project.name}@{entry.name}"
    return [name, *cells, entry.status]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _at(value: Any, key: str) -> Any:
    """The value of a dotted key, or None."""
    for step in key.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."


def _tree(workspace: Workspace, project: Project) -> Tree:
    """The project as it was loaded: defaults of the workspace, and what it says itself."""
    settings = read_yaml(workspace.file) if workspace.file else Tree({}, {})
    defaults = settings.at(("defaults",)) if "defaults" in settings.value else Tree({}, {})
    return overlaid(defaults, read_yaml(project.file))
