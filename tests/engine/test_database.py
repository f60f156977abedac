from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from inrarch.engine import database
from inrarch.engine.database import Database

SCHEMA = "CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT)"


def put(cache: Database, key: str) -> None:
    cache.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", key, "x")


def has(cache: Database, key: str) -> bool:
    return cache.execute("SELECT value FROM notes WHERE key = ?", key) == ("x",)


def test_what_is_written_is_there_when_opened_again(tmp_path: Path) -> None:
    cache = Database(tmp_path / "a.db", SCHEMA, writable=True)
    put(cache, "one")
    cache.close()
    assert has(Database(tmp_path / "a.db", SCHEMA, writable=False), "one")


def test_reading_only_makes_no_file(tmp_path: Path) -> None:
    cache = Database(tmp_path / "sub" / "a.db", SCHEMA, writable=False)
    put(cache, "one")
    assert has(cache, "one")
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_version_is_started_anew(tmp_path: Path) -> None:
    put(Database(tmp_path / "a.db", SCHEMA, writable=True), "one")
    other = Database(tmp_path / "a.db", SCHEMA.replace("value", "more, value"), writable=True)
    assert other.execute("SELECT count(more) FROM notes") == (0,)


def test_a_file_that_another_program_holds_is_replaced_by_memory_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_S", 0.01)
    cache = Database(tmp_path / "a.db", SCHEMA, writable=True)
    put(cache, "one")
    holder = sqlite3.connect(tmp_path / "a.db")
    holder.execute("BEGIN IMMEDIATE")
    put(cache, "two")
    assert has(cache, "two")
    holder.close()
    put(cache, "three")
    kept = Database(tmp_path / "a.db", SCHEMA, writable=True)
    assert [has(kept, key) for key in ("one", "two", "three")] == [True, False, False]


def test_a_file_that_is_damaged_while_in_use_is_removed_and_memory_takes_over(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    first = Database(path, SCHEMA, writable=True)
    for index in range(2000):
        put(first, f"key {index}")
    first.close()
    cache = Database(path, SCHEMA, writable=True)
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    assert not has(cache, "key 1000")
    put(cache, "one")
    assert has(cache, "one")
    assert not path.exists()
