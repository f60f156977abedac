"""Databases of a build directory that are damaged, lost, locked or of another kind: nothing finished runs again."""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.campaign.field import TALLY, Field

NAMES = (".doit.db", ".digests.db")


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def garbage(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(20_000))


def flip(path: Path) -> None:
    """One byte in a hundred, everywhere, also in the log beside it."""
    chance = random.Random(2)
    for file in (path, path.with_name(f"{path.name}-wal")):
        if file.exists():
            data = bytearray(file.read_bytes())
            for _ in range(len(data) // 100):
                data[chance.randrange(len(data))] ^= chance.randrange(1, 256)
            file.write_bytes(data)


def delete(path: Path) -> None:
    path.unlink()


def folder(path: Path) -> None:
    path.unlink()
    (path / "inside").mkdir(parents=True)


def other_tables(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE files (name TEXT, digest TEXT)")
    connection.execute("CREATE TABLE tasks (id INTEGER)")
    connection.execute("CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT, more TEXT)")
    connection.commit()
    connection.close()


def wrong_rows(path: Path) -> None:
    """The right tables with nonsense in every row."""
    connection = sqlite3.connect(path)
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        column = {"files": "digest", "tasks": "data", "notes": "value"}[table]
        for value in ("'[1]'", "NULL", "x'00ff'"):
            connection.execute(f"UPDATE {table} SET {column} = {value} WHERE random() % 2")
        connection.execute(f"UPDATE {table} SET {column} = '[1]' WHERE {column} NOT IN ('[1]', NULL, x'00ff')")
    connection.commit()
    connection.close()


HARMS = (truncate, empty, garbage, flip, delete, folder, other_tables, wrong_rows)


def rows(path: Path, table: str) -> int:
    connection = sqlite3.connect(path)
    count: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    connection.close()
    return count


def test_databases_that_are_harmed_lose_nothing(field: Field) -> None:
    field.build()
    before = field.executions()
    for harm in HARMS:
        for path in (field.build_folder / name for name in NAMES):
            harm(path)
        text = field.build()
        assert field.executions() == before, harm
        assert "p@v0: up to date (3 stages)" in text
        assert field.results() == field.expected
        field.check()
        TALLY["damaged databases"] += 2
        if harm is folder:
            for name in NAMES:
                shutil.rmtree(field.build_folder / name)
            field.build()
        assert rows(field.build_folder / ".digests.db", "files") > 0, harm
        assert rows(field.build_folder / ".doit.db", "tasks") >= 0, harm


@pytest.mark.parametrize("mode", ["NORMAL", "EXCLUSIVE"])
def test_databases_that_another_program_holds_cost_a_moment_but_no_work(field: Field, mode: str) -> None:
    field.build("p@v0")
    before = len(field.executions())
    done = field.published()
    held: list[Callable[[], None]] = []
    for name in NAMES:
        connection = sqlite3.connect(field.build_folder / name)
        connection.execute(f"PRAGMA locking_mode = {mode}")
        connection.execute("BEGIN EXCLUSIVE")
        held.append(connection.close)
    began = time.monotonic()
    field.build()
    assert time.monotonic() - began < 20
    field.check_not_repeated(done, before)
    assert field.results() == field.expected
    for close in held:
        close()
    TALLY["locked databases"] += 2
    before = len(field.executions())
    field.build()
    field.check_not_repeated(field.check(), before)
