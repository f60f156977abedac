"""Synthesis of a generated design by Yosys: all distinct modules in one run, the memories of processes left out.

Tool time grows with distinct modules, not with their instances, and the content of weight memories (the most of a
design's bits) never enters: they are counted by formula.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from inrarch.hardware.rtl.description import Description
from inrarch.hardware.synthesis.cells import Netlist
from inrarch.tools import process, yosys
from inrarch.tools.messages import Heard, classify

MEMORY = "kernels/inrarch_memory.sv"
"""The module that is a black box."""


@dataclass(frozen=True, slots=True)
class Synthesised:
    """netlist: its modules. seconds: wall time."""

    netlist: Netlist
    warnings: tuple[Heard, ...]
    seconds: float


def synthesise(design: Description, folder: Path, scratch: Path, command: str, *, flat: bool = False) -> Synthesised:
    """Run Yosys on the files of the rtl stage in `folder`.

    command: of Yosys, for the fabric (`yosys` of its file), without a top. flat: the whole
    design as one module with the content of all memories. UserError when Yosys fails.
    """
    work = scratch / ("flat" if flat else "modules")
    work.mkdir()
    copy_sources(folder, work)
    (work / "run.ys").write_text(script(design, command, flat=flat), encoding="utf-8")
    done = process.run((yosys.TOOL.find(), "-q", "-l", "yosys.log", "-s", "run.ys"), name="yosys", cwd=work)
    netlist = json.loads((work / "netlist.json").read_text(encoding="utf-8"))["modules"]
    log = (work / "yosys.log").read_text(encoding="utf-8", errors="replace")
    return Synthesised(netlist, tuple(classify("yosys", log)), done.seconds)


def copy_sources(folder: Path, work: Path) -> None:
    """Put sources and memory images of an rtl stage into `work`: Yosys as WebAssembly sees what lies there alone."""
    for path in [*folder.glob("kernels/*"), *folder.glob("src/**/*.sv"), *folder.glob("*.mem")]:
        target = work / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def script(design: Description, command: str, *, flat: bool) -> str:
    """What Yosys is told."""
    sources = [path for path in design.sources if flat or path != MEMORY]
    lines = [f"read_verilog -sv -defer {path}" for path in sources]
    if not flat:
        lines.append(f"read_verilog -sv -lib {MEMORY}")
    flatten = " -flatten" if flat and "xilinx" in command else ""
    lines += [
        f"{command}{flatten} -top {design.top}",
        "write_json netlist.json",
    ]
    return "\n".join(lines) + "\n"
