from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from inrarch.engine.lock import build_lock
from inrarch.errors import UserError


def test_the_file_names_the_holder_while_it_holds_and_keeps_its_size(tmp_path: Path) -> None:
    for _ in range(2):
        with build_lock(tmp_path / "build"):
            assert (tmp_path / "build" / ".lock").read_text() == f"{os.getpid():<19}\n"
        assert (tmp_path / "build" / ".lock").read_text() == f"{'':<19}\n"


def test_a_name_left_by_a_process_that_is_dead_is_not_told(tmp_path: Path) -> None:
    (tmp_path / ".lock").write_text(f"{2**22 + 1:<19}\n")  # above the largest process id of Linux
    with open(tmp_path / ".lock") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        with pytest.raises(UserError) as caught, build_lock(tmp_path):
            pass
    assert str(caught.value) == (
        f"another build (process unknown) is using {tmp_path}\n"
        "hint: wait until it has finished (`build --wait` does), or stop it"
    )


def test_a_lock_on_a_place_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "build").write_text("")
    with pytest.raises(UserError) as caught, build_lock(tmp_path / "build"):
        pass
    assert str(caught.value) == (
        f"{tmp_path}/build/.lock: cannot be written: File exists; expected a build directory that this user may write\n"
        "hint: set `build:` in inrarch.yaml to another folder"
    )
