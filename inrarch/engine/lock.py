"""One build at a time per build directory: a lock that disappears with the process that holds it, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inrarch.errors import UserError


@contextmanager
def build_lock(build: Path) -> Iterator[None]:
    """Hold `build/.lock`, which names our process; raises UserError naming the process that has it."""
    path = build / ".lock"
    try:
        build.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise UserError(
            f"cannot be written: {error.strerror}",
            place=str(path),
            expected="a build directory that this user may write",
            hint="set `build:` in inrarch.yaml to another folder",
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 64).decode("ascii", "replace").strip() or "unknown"
            raise UserError(
                f"another build (process {holder}) is using {build}",
                hint="wait until it has finished, or stop it",
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)
