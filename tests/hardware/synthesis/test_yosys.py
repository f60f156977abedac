"""What Yosys is told."""

from __future__ import annotations

from inrarch.hardware.rtl.description import Description
from inrarch.hardware.synthesis.yosys import MEMORY, front_script, mapping_script

DESIGN = Description("inrarch_top", 4, (), (), (), (), ("kernels/a.sv", MEMORY, "src/inrarch_top.sv"))


def test_memories_beside_processes_are_black_boxes() -> None:
    lines = front_script(DESIGN, "synth_xilinx -family xcup")
    assert lines[0] == "read_verilog -sv -defer kernels/a.sv"
    assert f"read_verilog -sv -lib {MEMORY}" in lines
    assert f"read_verilog -sv -defer {MEMORY}" not in lines
    assert "synth_xilinx -family xcup -top inrarch_top -run begin:map_luts" in lines


def test_mapping_begins_with_the_libraries_and_ends_with_a_netlist() -> None:
    assert mapping_script("synth_ecp5 -noflatten", "group3", ["BUFG", "PLL"]) == [
        f"read_verilog -sv -lib {MEMORY}",
        "synth_ecp5 -noflatten -run begin:coarse",
        "delete =BUFG =PLL",
        "read_rtlil group3.il",
        "synth_ecp5 -noflatten -run map_luts:check",
        "blackbox =A:whitebox",
        "write_json group3.json",
    ]
