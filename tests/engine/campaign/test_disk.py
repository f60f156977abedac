"""Disks that are full or read-only: a clear error, nothing partial, and the next build goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.campaign.field import TALLY, Field

HINT = (
    "hint: make room, or set `build:` in inrarch.yaml to a folder on another disk, and build again: "
    "what has finished is kept\n"
)
SIZES_KB = (4, 16, 40, 80, 140, 220)


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """A disk of that size at `folder`. Skips where mounting is not allowed."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


def write_large_stage(field: Field) -> None:
    """`second` writes 200 kB in small pieces."""
    body = """[(work.output / f"{index}.bin").write_bytes(bytes([index]) * 4096) for index in range(50)]"""
    field.toy.write_stage("second", ("first",), ("scale",), body=body)


def check_full(field: Field, text: str, message: str) -> None:
    assert message in text
    assert HINT.replace("\n", "") in text
    assert "Traceback" not in text
    assert "a fault of inrarch" not in text
    field.check()


@pytest.mark.parametrize("kilobytes", SIZES_KB)
def test_a_build_on_a_full_disk_tells_it_and_goes_on_when_there_is_room(field: Field, kilobytes: int) -> None:
    write_large_stage(field)
    with small_disk(field.build_folder, kilobytes):
        check_full(field, field.build(code=1), "No space left on device")
        TALLY["full disks"] += 1
        done, before = field.published(), len(field.executions())
        remount(field.build_folder, "size=16m")
        field.build()
        assert field.check() > done
        field.check_not_repeated(done, before)
        field.build()
        field.check_not_repeated(field.published(), len(field.executions()))


def test_a_limit_on_the_size_of_files_is_told_like_a_full_disk(field: Field) -> None:
    field.toy.write_stage("second", ("first",), ("scale",), body='(work.output / "a").write_bytes(bytes(10**6))')
    check_full(field, field.build(code=1, largest_file=300_000), "File too large")
    TALLY["full disks"] += 1
    done, before = field.published(), len(field.executions())
    assert done
    field.build()
    field.check_not_repeated(done, before)


def test_a_tool_that_finds_the_disk_full_is_told_like_one(field: Field) -> None:
    command = "cat: write error: No space left on device"
    body = f'from inrarch.tools import process; process.run(("sh", "-c", "echo {command}; exit 1"))'
    field.toy.write_stage("second", ("first",), ("scale",), body=body)
    text = field.build("p@v0", code=1)
    check_full(field, text, "p@v0:second: No space left on device\n")
    assert command in text


def test_a_build_whose_output_finds_a_full_disk_goes_on(field: Field) -> None:
    build = field.start("build", output=Path("/dev/full"))
    build.wait()
    field.check()
    assert field.results() == field.expected


def test_a_read_only_build_directory_is_a_clear_error_and_nothing_breaks(field: Field) -> None:
    """Mounted read-only for root, without write permission for others."""
    folder = field.build_folder

    def check() -> None:
        lock = folder / ".lock"
        field.toy.write_variants(("p", "v0", {"scale": 7, "board": "b0"}))
        before = field.executions()
        assert field.build(code=3).startswith(f"ERROR: {lock}: cannot be written: ")
        listing = field.start("list", "--all", "-s")
        assert listing.wait() == 0
        assert "R p@v0:second" in listing.text()
        assert field.executions() == before
        assert field.check()
        TALLY["read-only build directories"] += 1

    if os.geteuid() == 0:
        with small_disk(folder, 4096):
            field.build()
            remount(folder, "ro")
            check()
            remount(folder, "rw")
            field.build()
            field.check()
    else:
        field.build()
        for path in (folder, folder / ".lock"):
            path.chmod(0o555)
        check()
        for path in (folder, folder / ".lock"):
            path.chmod(0o755)
        field.build()
        field.check()
