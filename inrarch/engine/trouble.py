"""What to tell when the disk refuses: full, read-only, not ours."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from inrarch.errors import UserError

NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_REFUSED = (errno.EROFS, errno.EACCES, errno.EPERM)
_FULL_BYTES = 65536
"""With less than this left a tool that failed has most likely failed for want of space."""


def disk_error(error: OSError, build: Path) -> UserError | None:
    """The error to show for one that the user can mend outside the project; None for any other."""
    place = os.fsdecode(error.filename) if error.filename else str(build)
    if error.errno in NO_SPACE:
        return no_space(place, found=error.strerror or "no space left")
    if error.errno in _REFUSED:
        return UserError(
            f"cannot be written: {error.strerror}",
            place=place,
            expected="a build directory that this user may write",
            hint="set `build:` in inrarch.yaml to another folder",
            exit_code=1,
        )
    return None


def no_space(place: str, *, found: str, excerpt: str | None = None) -> UserError:
    """The error of a full disk, a quota or a limit on the size of files."""
    return UserError(
        found,
        place=place,
        excerpt=excerpt,
        hint="make room, or set `build:` in inrarch.yaml to a folder on another disk, and build again: "
        "what has finished is kept",
        exit_code=1,
    )


def is_full(folder: Path) -> bool:
    """Whether the disk of a folder has no space left to speak of."""
    try:
        return shutil.disk_usage(folder).free < _FULL_BYTES
    except OSError:
        return False


def speaks_of_space(text: str) -> str | None:
    """The message of the system about a full disk, a quota or a file size limit, if a text ends with one of them."""
    return next((os.strerror(number) for number in NO_SPACE if os.strerror(number) in text), None)
