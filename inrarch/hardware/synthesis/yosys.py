"""Synthesis of a generated design by Yosys: all distinct modules, the memories of processes left out.

Tool time grows with distinct modules, not with their instances, and the content of weight memories (the most of a
design's bits) never enters: they are counted by formula. All modules go through one run up to technology mapping, and
through several runs of that (`grouping`).
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inrarch.hardware.rtl.description import Description
from inrarch.hardware.synthesis import rtlil
from inrarch.hardware.synthesis.cells import Netlist
from inrarch.hardware.synthesis.grouping import groups
from inrarch.tools import process, yosys
from inrarch.tools.messages import Heard, classify

MEMORY = "kernels/inrarch_memory.sv"
"""The module that is a black box."""
FRONT = "front.il"
_SECOND = {"synth_xilinx": "prepare", "synth_ecp5": "coarse"}
"""The section of a command after the one that reads the libraries."""


@dataclass(frozen=True, slots=True)
class Synthesised:
    """netlist: its modules. warnings: as `inrarch.tools.messages` has them. seconds: wall time. runs: of mapping."""

    netlist: Netlist
    warnings: tuple[Heard, ...]
    seconds: float
    runs: int


def synthesise(design: Description, folder: Path, scratch: Path, command: str, *, cores: int = 1) -> Synthesised:
    """Run Yosys on the files of the rtl stage in `folder`.

    command: of Yosys, for the fabric (`yosys` of its file), without a top. cores: runs of technology
    mapping at a time. UserError when Yosys fails.
    """
    began = time.monotonic()
    copy_sources(folder, scratch)
    run_script("front", front_script(design, command), scratch)
    text = (scratch / FRONT).read_text(encoding="utf-8")
    modules = list(rtlil.modules(text))
    own = {module.name: module for module in modules if not module.device}
    used = {kind for module in own.values() for kind in module.kinds()}
    unused = sorted(module.name for module in modules if module.spare and module.name not in used)
    boxes = {name: module.box() for name, module in own.items()}
    cut = groups({name: module.bits() for name, module in own.items()})

    def mapped(number: int) -> dict[str, Any]:
        group, name = set(cut[number]), f"group{number}"
        texts = (own[each].text if each in group else boxes[each] for each in own)
        (scratch / f"{name}.il").write_text("".join(texts), encoding="utf-8")
        run_script(name, mapping_script(command, name, unused), scratch)
        found = json.loads((scratch / f"{name}.json").read_text(encoding="utf-8"))["modules"]
        return {each: found[each] for each in cut[number]}

    netlist: dict[str, Any] = {}
    with ThreadPoolExecutor(cores) as pool:  # the longest runs first
        for part in pool.map(mapped, reversed(range(len(cut)))):
            netlist |= part
    logs = sorted(scratch.glob("*.log"))
    heard = classify("yosys", "".join(log.read_text(encoding="utf-8", errors="replace") for log in logs))
    return Synthesised(netlist, tuple(heard), time.monotonic() - began, len(cut))


def run_script(name: str, lines: Sequence[str], folder: Path) -> None:
    """Run <name>.ys with these lines in `folder`, which the log stays in, too. UserError when Yosys fails."""
    (folder / f"{name}.ys").write_text("\n".join(lines) + "\n", encoding="utf-8")
    process.run((yosys.TOOL.find(), "-q", "-l", f"{name}.log", "-s", f"{name}.ys"), name="yosys", cwd=folder)


def reading(sources: Iterable[str]) -> list[str]:
    """Commands that read sources; no module is made yet."""
    return [f"read_verilog -sv -defer {path}" for path in sources]


def front_script(design: Description, command: str) -> list[str]:
    """Everything before technology mapping, of all modules in one run."""
    return [
        *reading(path for path in design.sources if path != MEMORY),
        f"read_verilog -sv -lib {MEMORY}",
        f"{command} -top {design.top} -run begin:map_luts",
        f"write_rtlil {FRONT}",
    ]


def mapping_script(command: str, name: str, unused: Iterable[str]) -> list[str]:
    """Technology mapping of the modules in <name>.il; the others are black boxes there.

    The libraries of the device are read by the first section of the command, before there are modules; the `unused`
    cells in them only cost time.
    """
    return [
        f"read_verilog -sv -lib {MEMORY}",
        f"{command} -run begin:{_SECOND[command.split()[0]]}",
        f"delete {' '.join(f'={each}' for each in unused)}",
        f"read_rtlil {name}.il",
        f"{command} -run map_luts:check",
        "blackbox =A:whitebox",
        f"write_json {name}.json",
    ]


def copy_sources(folder: Path, work: Path) -> None:
    """Put sources and memory images of an rtl stage into `work`: Yosys as WebAssembly sees what lies there alone."""
    for path in [*folder.glob("kernels/*"), *folder.glob("src/**/*.sv"), *folder.glob("*.mem")]:
        target = work / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
