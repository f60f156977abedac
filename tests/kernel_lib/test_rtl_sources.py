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
    command = [verilator.TOOL.find(), "--lint-only", "-Wall", "--quiet", "--top-module", module, *FILES]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


_READ_ONLY = """module bench_{name} (input logic clk, enable, input logic [1:0] address, output logic [7:0] data);
    {name} #(.WORDS(4), .BITS(8), .FILE("image.hex")) words (.clk, .enable, .address, .data);
endmodule
"""


def test_yosys_reads_every_module(tmp_path: Path) -> None:
    for path in FILES:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "image.hex").write_text("0\n1\n2\n3\n", encoding="utf-8")
    lines = ["read_verilog -sv -defer *.sv", "design -save read"]
    for module in WHOLE:
        top = module
        if module in ("inrarch_rom", "inrarch_memory"):  # their file has no default
            top = f"bench_{module}"
            (tmp_path / f"{top}.sv").write_text(_READ_ONLY.format(name=module), encoding="utf-8")
        lines += ["design -load read", f"hierarchy -check -top {top}", "proc", "check -assert"]
    (tmp_path / "read.ys").write_text("\n".join(lines) + "\n", encoding="utf-8")
    process.run((yosys.TOOL.find(), "-q", "-s", "read.ys"), cwd=tmp_path)
