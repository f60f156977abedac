"""Files that are compiled once for a user: by whoever comes first, elsewhere where the folder cannot be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from inrarch.cache import cache_folder, digest_of, kept
from inrarch.errors import UserError


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "inrarch"


def test_a_file_is_made_once(cache: Path, tmp_path: Path) -> None:
    def write(target: Path) -> None:
        target.write_text("made")

    def fail(target: Path) -> None:
        raise AssertionError("made again")

    first = kept("a.o", write, tmp_path)
    assert first == cache / "a.o"
    assert kept("a.o", fail, tmp_path) == first
    assert first.read_text() == "made"
    assert cache_folder().stat().st_mode & 0o777 == 0o700


def test_what_fails_leaves_nothing(cache: Path, tmp_path: Path) -> None:
    def half(target: Path) -> None:
        target.write_text("half")
        raise UserError("the compiler failed")

    with pytest.raises(UserError):
        kept("a.o", half, tmp_path)
    assert list(cache.iterdir()) == []


def test_without_a_folder_to_write_to_it_is_made_in_the_spare_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "spare").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    made = kept("a.o", lambda target: target.write_text("made") and None, tmp_path / "spare")
    assert made == tmp_path / "spare" / "a.o"
    assert made.read_text() == "made"


def test_digests_tell_the_parts_apart() -> None:
    names = {digest_of(parts) for parts in (["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""])}
    assert len(names) == 4
    assert digest_of(["ab", b"c"]) == digest_of([b"ab", "c"])
