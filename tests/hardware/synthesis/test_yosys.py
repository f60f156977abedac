"""What Yosys is told."""

from __future__ import annotations

from inrarch.hardware.rtl.description import Description
from inrarch.hardware.synthesis.yosys import MEMORY, script

DESIGN = Description("inrarch_top", 4, (), (), (), (), ("kernels/a.sv", MEMORY, "src/inrarch_top.sv"))


def test_memories_are_black_boxes_but_in_the_flat_run() -> None:
    modules = script(DESIGN, "synth_xilinx -family xcup", flat=False)
    assert f"read_verilog -sv -lib {MEMORY}" in modules
    assert f"-defer {MEMORY}" not in modules
    assert "synth_xilinx -family xcup -top inrarch_top" in modules
    flat = script(DESIGN, "synth_xilinx -family xcup", flat=True)
    assert f"read_verilog -sv -defer {MEMORY}" in flat
    assert "synth_xilinx -family xcup -flatten -top inrarch_top" in flat
