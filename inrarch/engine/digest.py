"""Content digests of files and folders, with a cache that notices every edit.

A digest is SHA-256, in hexadecimal. The cache is keyed by what no edit leaves alone: device, inode, size, mtime_ns and
ctime_ns (no program can set ctime back). A file that was changed a moment ago is not cached: a second edit within one
tick of the file system's clock would be invisible.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from inrarch.engine.database import Database
from inrarch.errors import UserError

_SETTLED_NS = 100_000_000
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    device INTEGER, inode INTEGER, size INTEGER, mtime_ns INTEGER, ctime_ns INTEGER, digest TEXT, crc INTEGER,
    PRIMARY KEY (device, inode)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notes (key TEXT PRIMARY KEY, value TEXT, crc INTEGER) WITHOUT ROWID;
"""


def text_digest(text: str) -> str:
    """SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: Any) -> str:
    """The one JSON text of a value: keys sorted, no white space, no NaN. TypeError or ValueError if there is none."""
    return _ENCODER.encode(value)


def tree_digest(files: Mapping[str, str]) -> str:
    """Digest of a folder from the digests of its files by relative path."""
    return text_digest(canonical(dict(files)))


def file_digest(path: Path) -> str:
    """SHA-256 of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def list_files(folder: Path) -> dict[str, Path]:
    """Every file below a folder by its relative POSIX path, sorted; compiled Python is left out."""
    return {name: Path(path) for name, path in sorted(_walk(os.fspath(folder), ""))}


def _walk(folder: str, prefix: str) -> Iterator[tuple[str, str]]:
    """(`prefix` + relative path, path) of every file, as texts: a Path for each step would take most of the time."""
    try:
        with os.scandir(folder) as entries:
            found = list(entries)
    except OSError:
        return
    for entry in found:
        if not entry.is_dir():
            yield f"{prefix}{entry.name}", entry.path
        elif entry.name != "__pycache__" and not entry.is_symlink():
            yield from _walk(entry.path, f"{prefix}{entry.name}/")


Stamp = tuple[int, int, int, int]
"""What `stat` says of a file that is written only: device, inode, size, mtime_ns."""


class DigestCache:
    """Digests of files by what `stat` says of them, and notes by digest; shared by threads."""

    def __init__(self, path: Path, *, writable: bool) -> None:
        self._database = Database(path, _SCHEMA, writable=writable)
        self._recording = threading.local()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @contextmanager
    def recording(self) -> Iterator[dict[str, Stamp]]:
        """Inside the block, the stamps of all files whose digests this thread asks for, by path."""
        seen: dict[str, Stamp] = {}
        self._recording.seen = seen
        try:
            yield seen
        finally:
            self._recording.seen = None

    def file(self, path: Path) -> str:
        """Digest of a file's content. Raises UserError when it cannot be read."""
        try:
            before = path.stat()
            if getattr(self._recording, "seen", None) is not None:
                self._recording.seen[str(path)] = (before.st_dev, before.st_ino, before.st_size, before.st_mtime_ns)
            known = self._known(before)
            if known is not None:
                return known
            digest = file_digest(path)
            after = path.stat()
        except OSError as error:
            raise UserError(f"cannot be read: {error.strerror}", place=str(path)) from error
        settled = time.time_ns() - max(after.st_mtime_ns, after.st_ctime_ns) > _SETTLED_NS
        if settled and _key(before) == _key(after):
            row = (*_key(after), digest)
            self._database.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", *row, _crc(*row))
        return digest

    def files(self, folder: Path) -> dict[str, str]:
        """Digest of every file below a folder, by relative path."""
        return {name: self.file(path) for name, path in list_files(folder).items()}

    def path(self, path: Path) -> str:
        """Digest of a file, or of a folder with all its files."""
        return tree_digest(self.files(path)) if path.is_dir() else self.file(path)

    def note(self, key: str, compute: Callable[[], str]) -> str:
        """The text kept under a key; computed when there is none. The key must determine the text."""
        row = self._database.execute("SELECT value, crc FROM notes WHERE key = ?", key)
        if row is not None and row[1] == _crc(key, row[0]):
            return str(row[0])
        value = compute()
        self._database.execute("INSERT OR REPLACE INTO notes VALUES (?, ?, ?)", key, value, _crc(key, value))
        return value

    def _known(self, status: os.stat_result) -> str | None:
        key = _key(status)
        query = "SELECT size, mtime_ns, ctime_ns, digest, crc FROM files WHERE device = ? AND inode = ?"
        row = self._database.execute(query, *key[:2])
        if row is None or row[:3] != key[2:] or row[4] != _crc(*key, row[3]):
            return None
        return str(row[3])


def _crc(*values: Any) -> int:
    """SQLite does not notice bytes that were damaged inside a row; this does."""
    return zlib.crc32(repr(values).encode())


def _key(status: os.stat_result) -> tuple[int, int, int, int, int]:
    # Inodes may exceed SQLite's signed 64 bits.
    inode = status.st_ino - (1 << 64) if status.st_ino >= 1 << 63 else status.st_ino
    return (status.st_dev, inode, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
