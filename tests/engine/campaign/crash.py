"""Lets a build hit itself with a signal at its n-th file-system operation: a crash at any place, not just at any time.

Operations are what Python's audit hooks report (opening, making, renaming, linking, removing, starting a program) from
the moment when the build directory is locked.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_COUNTED = {
    "open",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
    "os.truncate",
    "shutil.rmtree",
    "subprocess.Popen",
}


def install(at: int, number: int, count: str | None) -> None:
    """Send signal `number` to this process at operation `at` (from 1; 0: never); write their total to file `count`."""
    seen = 0
    locked = False
    build = os.path.join(os.getcwd(), "build")

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen, locked
        if event not in _COUNTED:
            return
        if event == "open" and not str(arguments[0]).startswith(build):
            return
        locked = locked or str(arguments[0]).endswith(".lock")
        if not locked:
            return
        seen += 1
        if count is not None:
            descriptor = os.open(count, os.O_WRONLY | os.O_CREAT, 0o600)
            os.pwrite(descriptor, f"{seen:<12}\n".encode(), 0)
            os.close(descriptor)
        if seen == at:
            os.kill(os.getpid(), number)

    sys.addaudithook(hook)


def total(count: Path) -> int:
    """What a build that was installed with `count` has counted."""
    return int(count.read_text())
