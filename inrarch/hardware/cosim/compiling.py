"""C++ of Verilator's models and of the harness to object files, and these to a program, by g++."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from inrarch.cache import digest_of, kept
from inrarch.resources import data_folder
from inrarch.tools import gxx, process, verilator

# -O2 takes the compiler half as long again and makes simulations of wide designs 7 % faster.
FLAGS = ("-std=c++17", "-O1", "-DVL_TIME_CONTEXT")
CPP = "hardware/cosim/cpp"
_RUNTIME = ("verilated.cpp", "verilated_threads.cpp")
_HEADER = "verilated.h"
_header_is_made = Lock()


@dataclass(frozen=True, slots=True)
class Toolchain:
    """Executables of Verilator and g++, their versions, and the folder of Verilator's own C++."""

    verilator: Path
    compiler: Path
    versions: dict[str, str]
    include: Path


def find_toolchain() -> Toolchain:
    """What the co-simulation needs. Raises UserError where one of the two is missing or too old."""
    simulator, compiler = verilator.TOOL.find(), gxx.TOOL.find()
    versions = {"verilator": verilator.TOOL.version(simulator), "g++": gxx.TOOL.version(compiler)}
    return Toolchain(simulator, compiler, versions, verilator.include_folder(simulator))


def compile_object(tools: Toolchain, source: Path, target: Path, flags: Sequence[str] = ()) -> None:
    """One C++ file that may include Verilator's headers and those of `cpp/`. Raises UserError where g++ refuses it."""
    process.run((tools.compiler, *FLAGS, *flags, *_folders(tools), "-c", source, "-o", target), name="g++")


def _folders(tools: Toolchain) -> tuple[str, ...]:
    return (f"-I{tools.include}", f"-I{tools.include / 'vltstd'}", f"-I{data_folder(CPP)}")


def model_flags(tools: Toolchain, spare: Path) -> tuple[str, ...]:
    """Flags for a model: it begins with Verilator's header, which is compiled once for all models of this user.

    That is half of the time of a small model. g++ reads the header's text where it cannot use the compiled form.
    """
    name = f"verilated-{_digest(tools, (_HEADER,))}.hpp"
    with _header_is_made:
        text = kept(name, lambda target: _write(target, f'#include "{_HEADER}"\n'), spare)

        def make(target: Path) -> None:
            options = (*FLAGS, *_folders(tools), "-x", "c++-header")
            process.run((tools.compiler, *options, text, "-o", target), name="g++")

        kept(f"{name}.gch", make, spare)
    return ("-include", str(text))


def _write(target: Path, text: str) -> None:
    target.write_text(text, encoding="utf-8")


def link(tools: Toolchain, objects: Sequence[Path], target: Path) -> None:
    """A program of object files."""
    process.run((tools.compiler, "-pthread", *objects, "-o", target), name="g++")


def join(tools: Toolchain, objects: Sequence[Path], target: Path) -> None:
    """Several object files as one."""
    process.run((tools.compiler, "-nostdlib", "-r", *objects, "-o", target), name="g++")


def kept_object(
    tools: Toolchain, name: str, depends_on: Iterable[str | bytes], make: Callable[[Path], None], spare: Path
) -> Path:
    """An object file that is compiled once for all designs of this user (`inrarch.cache`).

    depends_on: what it is made from, beside the tools, the flags and the headers of `cpp/`.
    """
    headers = [path.read_bytes() for path in sorted(data_folder(CPP).rglob("*.h*"))]
    return kept(f"{name}-{_digest(tools, (*headers, *depends_on))}.o", make, spare)


def _digest(tools: Toolchain, depends_on: Iterable[str | bytes]) -> str:
    versions = [f"{tool} {version}" for tool, version in tools.versions.items()]
    return digest_of((*versions, platform.machine(), *FLAGS, *depends_on))


def runtime(tools: Toolchain, spare: Path) -> Path:
    """The object file that every model is linked with."""

    def make(target: Path) -> None:
        source = spare / "runtime.cpp"
        source.write_text("".join(f'#include "{each}"\n' for each in _RUNTIME), encoding="utf-8")
        compile_object(tools, source, target)

    return kept_object(tools, "verilated", _RUNTIME, make, spare)
