"""Compiles a small C++ program against kernel_lib and runs it."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from inrarch.resources import data_folder

FLAGS = ("-std=c++17", "-O0", "-Wall", "-Wextra", "-Werror", "-Wno-unknown-pragmas")


def run_program(
    folder: Path, source: str, *, include: Sequence[Path] = (), exit_code: int = 0, ap_types: Path | None = None
) -> str:
    """What the program prints to stdout (stderr where it fails as it should). Every warning is an error.

    ap_types: folder of another implementation of ap_int.h, instead of ours (whose warnings do not count).
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "program.cpp").write_text(source, encoding="utf-8")
    library = data_folder("kernel_lib")
    theirs = [] if ap_types is None else ["-w", f"-I{ap_types}"]
    folders = [f"-I{path}" for path in (*include, folder, library / "simulation", library)]
    command = ["g++", *FLAGS, *theirs, *folders, "program.cpp", "-o", "program"]
    compiled = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert compiled.returncode == 0, compiled.stderr[:4000]
    done = subprocess.run([folder / "program"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == exit_code, (done.returncode, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout if exit_code == 0 else done.stderr


def integers(text: str) -> list[list[int]]:
    """One list of integers per line."""
    return [[int(word) for word in line.split()] for line in text.splitlines()]
