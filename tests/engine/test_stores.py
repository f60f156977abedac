from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from inrarch.engine.digest import DigestCache
from inrarch.engine.fingerprint import fingerprint
from inrarch.engine.stores import Stores

INGREDIENTS = {"format": 1, "stage": "map"}
NAME = fingerprint(INGREDIENTS)


def stores(folder: Path, shared: Path | None) -> Stores:
    return Stores(folder / "build", shared, DigestCache(folder / "digests.db", writable=False))


def prepare(folder: Path, text: str = "one") -> Path:
    (folder / "prepared" / "payload").mkdir(parents=True)
    (folder / "prepared" / "payload" / "a.txt").write_text(text)
    return folder / "prepared"


def test_without_a_shared_store_everything_is_in_the_build_directory(tmp_path: Path) -> None:
    for configured in (None, tmp_path / "build" / ".store"):
        mine = stores(tmp_path, configured)
        assert mine.private is mine.own
        assert [store.folder for store in mine.all] == [tmp_path / "build" / ".store"]
    assert mine.publish(prepare(tmp_path), INGREDIENTS, {}).folder == tmp_path / "build" / ".store" / NAME


def test_a_shared_store_is_asked_first_and_gets_what_is_new(tmp_path: Path) -> None:
    before, mine = stores(tmp_path, None), stores(tmp_path, tmp_path / "shared")
    old = before.publish(prepare(tmp_path), INGREDIENTS, {})
    assert mine.find(NAME) == old
    new = mine.publish(prepare(tmp_path, "two"), INGREDIENTS, {})
    assert new.folder == tmp_path / "shared" / NAME
    assert mine.find(NAME) == new
    assert mine.private is mine.own
    (new.payload / "a.txt").write_text("damaged")
    assert mine.find(NAME) == old
    assert mine.inspect(NAME) == (old, None)
    shutil.rmtree(old.folder)
    assert mine.inspect(NAME)[1] == "the artefact was damaged (a.txt)"
    assert mine.has(NAME)
    shutil.rmtree(new.folder)
    assert mine.inspect(NAME) == (None, "the artefact is gone")
    assert not mine.has(NAME)


def test_a_store_that_refuses_a_result_gets_no_more_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = stores(tmp_path, tmp_path / "shared")

    def copytree(source: Path, target: Path) -> None:
        raise shutil.Error([(str(source), str(target), "[Errno 28] No space left on device: 'a' -> 'b'")])

    monkeypatch.setattr(shutil, "copytree", copytree)
    assert mine.publish(prepare(tmp_path), INGREDIENTS, {}).folder == tmp_path / "build" / ".store" / NAME
    monkeypatch.undo()
    mine.publish(prepare(tmp_path), {**INGREDIENTS, "stage": "fifo"}, {})
    assert capsys.readouterr().err == (
        f"the store {tmp_path}/shared is only read from, new results go to {tmp_path}/build/.store: "
        "[Errno 28] No space left on device\n"
    )
    assert [path for path in (tmp_path / "shared").rglob("*") if path.is_file()] == []


def test_the_store_of_a_build_directory_becomes_shared_when_others_use_it(tmp_path: Path) -> None:
    mine = stores(tmp_path, None)
    mine.publish(prepare(tmp_path), INGREDIENTS, {})
    assert mine.forget(NAME)
    with stores(tmp_path / "other", mine.own.folder).building():
        pass
    mine = stores(tmp_path, None)
    assert mine.private is None
    assert [store.folder for store in mine.all] == [mine.own.folder]
