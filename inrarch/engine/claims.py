"""Claims in a shared store: a build that makes an artefact says so, and others wait for it rather than make it too.

A claim is a file `<fingerprint>` that names its process. Claims save work and are no locks: where one is lost, two
builds make the same artefact, and the store takes either. A process of this machine that has ended holds nothing; one
of another machine is believed as long as it touches its claim, which it does every `BEAT_S` seconds. How long ago that
was is measured with our own clock, from touch to touch: clocks of machines differ.

A lease is the same for a whole build: `inrarch gc` removes nothing that was in use since a living build began.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from inrarch.engine.holder import Holder, parse_holder, this_process

BEAT_S = 10.0
EXPIRES_S = 60.0
"""A claim of another machine that has not been touched for so long is void."""
_LEASE_EXPIRES_S = 3600.0
_LONGEST_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class _Seen:
    """A claim as it was read. holder: None while it is being written. touched: its mtime in ns."""

    holder: Holder | None
    inode: int
    touched: int


class Claims:
    """The claims and leases in one folder. Use the methods inside `beating`, or claims go stale for other machines."""

    def __init__(self, folder: Path, *, beat_s: float = BEAT_S, expires_s: float = EXPIRES_S) -> None:
        self._folder = folder
        self._leases = folder / "builds"
        self._beat_s = beat_s
        self._expires_s = expires_s
        self._held: set[Path] = set()
        self._guard = threading.Lock()

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Around a build: holds its lease, touches all that is held. Raises OSError where nothing can be written."""
        self._leases.mkdir(parents=True, exist_ok=True)
        lease = self._leases / f"{int(file_system_time(self._folder))}-{uuid.uuid4().hex}"
        self._write(lease)
        ended = threading.Event()
        thread = threading.Thread(target=self._beat, args=(ended,), name="claims", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            self._release(lease)

    @contextmanager
    def hold(
        self, name: str, *, give_up: Callable[[], bool], waiting: Callable[[Holder | None], None]
    ) -> Iterator[None]:
        """Hold the claim of a fingerprint, waiting for the process that has it.

        give_up: asked while waiting; the block then runs without the claim, as where no claim can be written.
        waiting: called once, with who holds the claim, when we must wait.
        """
        path = self._folder / name
        held = self._acquire(path, give_up, waiting)
        try:
            yield
        finally:
            if held:
                self._release(path)

    def living_builds(self) -> dict[Path, float]:
        """The leases of living builds, and when each began: Unix time in the clock of the file system."""
        now = file_system_time(self._folder) if self._leases.is_dir() else 0.0
        return {
            path: float(path.name.partition("-")[0])
            for path in self._leases.glob("[0-9]*-*")
            if (seen := _read(path)) is not None and _is_believed(seen, now - seen.touched / 1e9 < _LEASE_EXPIRES_S)
        }

    def abandoned(self) -> list[Path]:
        """Claims and leases of processes that have ended."""
        now = file_system_time(self._folder) if self._folder.is_dir() else 0.0
        return [
            path
            for path in sorted([*self._folder.glob("[!.]*"), *self._leases.glob("*")])
            if path.is_file()
            and (seen := _read(path)) is not None
            and not _is_believed(seen, now - seen.touched / 1e9 < _LEASE_EXPIRES_S)
        ]

    def _acquire(self, path: Path, give_up: Callable[[], bool], waiting: Callable[[Holder | None], None]) -> bool:
        told = False
        pause_s = 0.02
        last: _Seen | None = None
        last_change = time.monotonic()
        while not give_up():
            try:
                self._write(path)
                return True
            except FileExistsError:
                pass
            except OSError:
                return False
            seen = _read(path)
            if seen is None:
                continue
            if seen != last:
                last, last_change = seen, time.monotonic()
            if not _is_believed(seen, time.monotonic() - last_change <= self._expires_s):
                _break(path, seen)
                continue
            being_written = seen.holder is None and time.monotonic() - last_change < self._expires_s / 4
            if not told and not being_written:
                waiting(seen.holder)
                told = True
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        return False

    def _write(self, path: Path) -> None:
        """Create a file that names us; FileExistsError if it is there."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        try:
            os.write(descriptor, this_process().text().encode())
        finally:
            os.close(descriptor)
        with self._guard:
            self._held.add(path)

    def _release(self, path: Path) -> None:
        with self._guard:
            self._held.discard(path)
        seen = _read(path)
        if seen is not None and seen.holder == this_process():
            path.unlink(missing_ok=True)

    def _beat(self, ended: threading.Event) -> None:
        while not ended.wait(self._beat_s):
            with self._guard:
                for path in self._held:
                    with suppress(OSError):
                        os.utime(path)


def _is_believed(seen: _Seen, fresh: bool) -> bool:
    """Whether the holder may live. fresh: what to think of a process that we cannot ask about."""
    alive = seen.holder.lives() if seen.holder else None
    return fresh if alive is None else alive


def file_system_time(folder: Path) -> float:
    """The present time in the clock that stamps the files of a folder, which may be another machine's."""
    probe = folder / f".clock-{uuid.uuid4().hex}"
    try:
        probe.touch()
        return probe.stat().st_mtime
    finally:
        probe.unlink(missing_ok=True)


def _read(path: Path) -> _Seen | None:
    """A claim; None if it is gone."""
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            status = os.fstat(stream.fileno())
            return _Seen(parse_holder(stream.read()), status.st_ino, status.st_mtime_ns)
    except OSError:
        return None


def _break(path: Path, seen: _Seen) -> None:
    """Remove a void claim. A claim that was written anew a moment ago may go with it: its work is then done twice."""
    now = _read(path)
    if now is not None and now.inode == seen.inode and now.holder == seen.holder:
        path.unlink(missing_ok=True)
