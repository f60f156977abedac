from __future__ import annotations

from pathlib import Path

import pytest

from inrarch.paths import shown_path


def test_a_path_is_shown_from_the_current_folder_where_that_is_shorter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here" / "..odd").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    assert shown_path(tmp_path / "here" / "a" / "b") == "a/b"
    assert shown_path(Path("a/b")) == "a/b"
    assert shown_path(tmp_path / "here" / "..odd") == "..odd"
    assert shown_path(tmp_path / "there") == str(tmp_path / "there")
