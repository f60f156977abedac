from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.folder import Folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """An empty workspace folder, which is the current one: errors show paths relative to it."""
    monkeypatch.chdir(tmp_path)
    return Folder(tmp_path)
