"""Paths as people read them."""

from __future__ import annotations

import os
from pathlib import Path


def shown_path(path: Path) -> str:
    """The path as a person at the current folder would write it; as it is when it is not below that folder."""
    relative = Path(os.path.relpath(path))
    return str(path) if relative.parts[:1] == ("..",) else relative.as_posix()
