"""The small SQLite files of a build directory: caches that may be deleted at any time, never the truth.

Whatever is wrong with such a file (damaged, of another version, locked, read-only, disk full), the build goes on: the
cache is made anew where that is possible, and is kept in memory for the rest of the run where it is not.
"""

from __future__ import annotations

import sqlite3
import threading
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

BUSY_S = 1.0
"""Seconds to wait, once per run, for another program that holds the file."""


class Database:
    """One cache file; each statement commits at once (write-ahead log). Shared by threads.

    With `writable` false nothing is created in the build directory.
    """

    def __init__(self, path: Path, schema: str, *, writable: bool) -> None:
        self._path = path
        self._schema = schema
        self._version = zlib.crc32(schema.encode()) & 0x7FFFFFFF
        self._lock = threading.Lock()
        self._in_memory = False
        self._connection = self._open(writable)

    def execute(self, statement: str, *values: Any) -> tuple[Any, ...] | None:
        """The first row, or None; never fails because of the file."""
        with self._lock:
            for _ in range(2):
                try:
                    row: tuple[Any, ...] | None = self._connection.execute(statement, values).fetchone()
                    return row
                except sqlite3.DatabaseError as error:
                    if self._in_memory:
                        return None
                    self._give_up(error)
            return None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _open(self, writable: bool) -> sqlite3.Connection:
        if writable or self._path.exists():
            with suppress(sqlite3.OperationalError, OSError):
                if writable:
                    self._path.parent.mkdir(parents=True, exist_ok=True)
                try:
                    return self._connect(self._path.as_posix())
                except sqlite3.OperationalError:
                    raise
                except sqlite3.DatabaseError:
                    if writable:
                        self._remove()
                        return self._connect(self._path.as_posix())
        return self._memory()

    def _give_up(self, error: sqlite3.DatabaseError) -> None:
        """Go on in memory; a file that is damaged is removed, so that the next run starts a new one."""
        with suppress(sqlite3.DatabaseError):
            self._connection.close()
        if not isinstance(error, sqlite3.OperationalError):
            with suppress(OSError):
                self._remove()
        self._connection = self._memory()

    def _memory(self) -> sqlite3.Connection:
        self._in_memory = True
        return self._connect(":memory:")

    def _remove(self) -> None:
        for file in self._path.parent.glob(f"{self._path.name}*"):
            file.unlink()

    def _connect(self, name: str) -> sqlite3.Connection:
        """Raises DatabaseError (not OperationalError) for a file that is damaged or has other tables."""
        connection = sqlite3.connect(name, isolation_level=None, check_same_thread=False, timeout=BUSY_S)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if version != self._version:
                if tables:
                    raise sqlite3.DatabaseError("tables of another version")
                connection.executescript(f"{self._schema}; PRAGMA user_version = {self._version};")
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return connection
