"""One build at a time per build directory: a lock that disappears with the process that holds it, however it ends."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from inrarch.errors import UserError

_WIDTH = 20
"""Bytes of the lock file: its size never changes, so that a full disk is no hindrance from the second build on."""


@contextmanager
def build_lock(build: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold `build/.lock`, which names our process.

    When another process has it: UserError that names it, or, with `wait`, a line that names it and then the wait.
    """
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
        _acquire(descriptor, build, wait)
        _name(descriptor, str(os.getpid()))
        yield
        _name(descriptor, "")
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, build: Path, wait: bool) -> None:
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        holder = _holder(descriptor)
        if not wait:
            raise UserError(
                f"another build (process {holder}) is using {build}",
                hint="wait until it has finished (`build --wait` does), or stop it",
            )
        print(f"waiting for another build (process {holder}) that is using {build}", file=sys.stderr, flush=True)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return


def _holder(descriptor: int) -> str:
    """The process that the file names; one that has just got the lock may need a moment to write its name."""
    for _ in range(50):
        name = os.pread(descriptor, _WIDTH, 0).decode("ascii", "replace").strip()
        if name.isdecimal() and (not Path("/proc").exists() or Path(f"/proc/{name}").exists()):
            return name
        time.sleep(0.01)
    return "unknown"


def _name(descriptor: int, name: str) -> None:
    with suppress(OSError):  # a full disk: the lock holds all the same
        os.pwrite(descriptor, f"{name:<{_WIDTH - 1}}\n".encode(), 0)
