"""The small SQLite files of a build directory: caches that may be deleted at any time, never the truth."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path


def open_database(path: Path, schema: str, *, writable: bool) -> sqlite3.Connection:
    """Open a cache; one that is damaged is started anew, one that cannot be opened is replaced by memory.

    Each statement commits at once (write-ahead log). With `writable` false nothing is created in the build directory.
    """
    if writable:
        with suppress(sqlite3.OperationalError, OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                return _connect(path.as_posix(), schema)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                for file in path.parent.glob(f"{path.name}*"):
                    file.unlink()
                return _connect(path.as_posix(), schema)
    elif path.exists():
        with suppress(sqlite3.DatabaseError):
            return _connect(path.as_posix(), schema)
    return _connect(":memory:", schema)


def _connect(name: str, schema: str) -> sqlite3.Connection:
    connection = sqlite3.connect(name, isolation_level=None, check_same_thread=False, timeout=10)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript(schema)
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection
