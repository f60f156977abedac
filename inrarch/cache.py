"""Compiled files of this user that later runs, of whatever project, use again ($XDG_CACHE_HOME, else ~/.cache)."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path


def cache_folder() -> Path:
    """Where compiled files are kept. Raises RuntimeError where the user has no home."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "inrarch"


def digest_of(parts: Iterable[str | bytes]) -> str:
    """32 hexadecimal digits that name all that a kept file depends on; the parts are told apart."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(f"{len(data)}:".encode() + data)
    return total.hexdigest()[:32]


def kept(name: str, make: Callable[[Path], None], spare: Path) -> Path:
    """The file of that name in the cache folder, made by `make` where there is none.

    name: must stand for all that the content depends on (`digest_of`). spare: an existing folder for the file where
    the cache folder cannot be written. A file is never seen half written; programs that make it at the same time do no
    harm.
    """
    with suppress(OSError, RuntimeError):
        folder = cache_folder()
        if (folder / name).exists():
            return folder / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _made(folder / name, make)
    return spare / name if (spare / name).exists() else _made(spare / name, make)


def _made(target: Path, make: Callable[[Path], None]) -> Path:
    handle, name = tempfile.mkstemp(prefix=target.stem, suffix=".part", dir=target.parent)
    os.close(handle)
    part = Path(name)
    try:
        make(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target
