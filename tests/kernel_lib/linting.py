"""Verilator's lint of a kernel's module."""

from __future__ import annotations

from pathlib import Path

from inrarch.hardware.rtl.wrapper import wrapped
from inrarch.resources import data_folder
from inrarch.tools import process, verilator
from tests.kernel_lib.rtl_bench import Case


def lint(case: Case, folder: Path) -> None:
    """No warning, with all of them on; an error shows what Verilator says."""
    module = wrapped(case.kernel, case.rtl, [port.bits for port in case.reads], [port.bits for port in case.writes])
    (folder / f"{module.name}.sv").write_text(module.text, encoding="utf-8")
    library = [option for part in ("common", case.kernel) for option in ("-y", data_folder("kernel_lib") / part)]
    options = ("--lint-only", "-Wall", *library, "--top-module", module.name)
    process.run((verilator.TOOL.find(), *options, f"{module.name}.sv"), name="verilator", cwd=folder)
