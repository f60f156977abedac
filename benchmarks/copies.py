"""Projects of this repository in other workspaces, with some values changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inrarch.config.yaml12 import read_yaml


def copy_project(source: Path, target: Path, changes: Mapping[str, Any]) -> None:
    """Copy a project's folder, in place of what is there, and change keys of its project.yaml.

    A mapping among the changes joins the one that the project has for its key. Comments are lost.
    """
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    content: dict[str, Any] = read_yaml(target / "project.yaml").value
    for key, value in changes.items():
        content[key] = {**content.get(key, {}), **value} if isinstance(value, Mapping) else value
    text = json.dumps(content, indent=2) + "\n"  # YAML, too
    (target / "project.yaml").write_text(text, encoding="utf-8")
