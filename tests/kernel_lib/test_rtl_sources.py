"""Every SystemVerilog file of kernel_lib: one module of its name, without a warning of Verilator, read by Yosys."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from inrarch.hardware.kernels import code_of, kernels
from inrarch.resources import data_folder
from inrarch.tools import process, verilator, yosys

LIBRARY = data_folder("kernel_lib")
FILES = sorted(LIBRARY.rglob("*.sv"))
_KERNELS = {path.parent.name for path in FILES if path.stem == f"inrarch_{path.parent.name}"}
WHOLE = [path.stem for path in FILES if path.parent.name not in _KERNELS or path.stem == f"inrarch_{path.parent.name}"]
"""All but those that are parts of a kernel of their folder."""


def test_a_file_is_a_module() -> None:
    for path in FILES:
        assert re.findall(r"^module (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE) == [path.stem]
    assert len({path.stem for path in FILES}) == len(FILES)


@pytest.mark.parametrize("kernel", kernels())
def test_every_kernel_says_its_rtl(kernel: str) -> None:
    assert callable(code_of(kernel).rtl)
    assert list((LIBRARY / kernel).glob("*.sv"))


@pytest.mark.parametrize("module", WHOLE)
def test_verilator_has_no_warning(module: str) -> None:
    """With the parameters' defaults; the bench of the kernels does it with random ones."""
    folders = [option for folder in sorted({path.parent for path in FILES}) for option in ("-y", folder)]
    command = [
        verilator.TOOL.find(),
        "--lint-only",
        "-Wall",
        "--quiet",
        *folders,
        "--top-module",
        module,
        f"{module}.sv",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


_READ_ONLY = """module whole (input logic clk, enable, input logic [1:0] address, output logic [7:0] data);
    inrarch_memory #(.WORDS(4), .BITS(8), .FILE("image.hex")) words (.clk, .enable, .address, .data);
endmodule
"""


def test_yosys_reads_every_module(tmp_path: Path) -> None:
    """Read-only memories need a file: they are read once with one, and are a black box in the other modules."""
    for path in FILES:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "image.hex").write_text("0\n1\n2\n3\n", encoding="utf-8")
    (tmp_path / "whole.sv").write_text(_READ_ONLY, encoding="utf-8")
    lines = ["read_verilog -sv -defer inrarch_rom.sv inrarch_memory.sv whole.sv"]
    lines += ["hierarchy -check -top whole", "proc", "check -assert", "design -reset"]
    others = " ".join(path.name for path in FILES if path.stem != "inrarch_rom")
    ports, _, _ = (tmp_path / "inrarch_rom.sv").read_text(encoding="utf-8").partition("\n);\n")
    (tmp_path / "box.sv").write_text(f"(* blackbox *)\n{ports}\n);\nendmodule\n", encoding="utf-8")
    lines += [f"read_verilog -sv -defer box.sv {others}", "design -save read"]
    for module in WHOLE:
        if module != "inrarch_rom":
            lines += ["design -load read", f"hierarchy -check -top {module}", "proc", "check -assert"]
    (tmp_path / "read.ys").write_text("\n".join(lines) + "\n", encoding="utf-8")
    process.run((yosys.TOOL.find(), "-q", "-s", "read.ys"), cwd=tmp_path)
