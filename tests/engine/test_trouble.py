from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from inrarch.engine.trouble import disk_error, speaks_of_space


def failure(number: int, path: str | None = None) -> OSError:
    return OSError(number, os.strerror(number), path)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_no_space_is_told_with_what_to_do(number: int) -> None:
    assert str(disk_error(failure(number), Path("build"))) == (
        f"build: {os.strerror(number)}\n"
        "hint: make room, or set `build:` in inrarch.yaml to a folder on another disk, and build again: "
        "what has finished is kept"
    )


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM])
def test_a_refusal_is_told_with_its_path(number: int) -> None:
    assert str(disk_error(failure(number, "build/.tmp"), Path("build"))) == (
        f"build/.tmp: cannot be written: {os.strerror(number)}; "
        "expected a build directory that this user may write\n"
        "hint: set `build:` in inrarch.yaml to another folder"
    )


def test_any_other_error_is_not_the_users() -> None:
    assert disk_error(failure(errno.EIO), Path("build")) is None


def test_the_message_of_a_tool_is_recognised() -> None:
    assert speaks_of_space("as: BFD: final write failed: No space left on device\n") == "No space left on device"
    assert speaks_of_space("a stage of no space") is None
