"""A design on an ECP5: Yosys, nextpnr and ecppack, from the files of the rtl stage to a bitstream."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inrarch.config.model import Board
from inrarch.hardware.rtl.description import Description
from inrarch.hardware.synthesis.board_top import CLOCK, TOP, BoardTop, routing_of, write_board
from inrarch.hardware.synthesis.yosys import copy_sources
from inrarch.resources import data_folder
from inrarch.tools import ecppack, ecppll, nextpnr_ecp5, process, yosys
from inrarch.tools.messages import Heard, classify

SEED = 1
"""Of the placer: equal inputs, equal bitstreams."""


@dataclass(frozen=True, slots=True)
class Routed:
    """report: of nextpnr. seconds: wall time by tool. warnings: of all tools."""

    report: dict[str, Any]
    seconds: dict[str, float]
    warnings: tuple[Heard, ...]


def place_and_route(
    design: Description, source: Path, top: BoardTop, board: Board, clock_mhz: float, work: Path, output: Path
) -> Routed:
    """Write board_top.sv, board.lpf, clock.v and design.bit into `output`.

    source: the folder of the rtl stage. work: empty; the tools run in it. UserError where a tool fails.
    """
    copy_sources(source, work)
    serial = sorted(data_folder("kernel_lib").glob("serial/*.sv"))
    for path in serial:
        shutil.copyfile(path, work / path.name)
    write_board(top, work)
    routing = routing_of(board)
    seconds: dict[str, float] = {}
    warnings: list[Heard] = []

    def tool(name: str, *command: str | Path) -> None:
        done = process.run(command, name=name, cwd=work)
        seconds[name] = done.seconds
        warnings.extend(classify(name, done.output))

    frequencies = ("-i", f"{routing.oscillator_mhz:g}", "-o", f"{clock_mhz:g}")
    tool("ecppll", ecppll.TOOL.find(), "-n", CLOCK, *frequencies, "-f", "clock.v")
    sources = [*design.sources, *(path.name for path in serial), "board_top.sv", "clock.v"]
    reads = [f"read_verilog -sv -defer {path}" for path in sources]
    lines = [*reads, f"synth_ecp5 -top {TOP} -json netlist.json"]
    (work / "run.ys").write_text("\n".join(lines) + "\n", encoding="utf-8")
    tool("yosys", yosys.TOOL.find(), "-q", "-s", "run.ys")
    tool(
        "nextpnr",
        nextpnr_ecp5.TOOL.find(),
        *routing.device,
        *("--json", "netlist.json", "--lpf", "board.lpf", "--textcfg", "design.config", "--report", "report.json"),
        *("--freq", f"{clock_mhz:g}", "--timing-allow-fail", "--seed", str(SEED)),
    )
    tool("ecppack", ecppack.TOOL.find(), "--compress", "--input", "design.config", "--bit", "design.bit")
    for name in ("board_top.sv", "board.lpf", "clock.v", "design.bit"):
        shutil.copyfile(work / name, output / name)
    return Routed(json.loads((work / "report.json").read_text(encoding="utf-8")), seconds, tuple(warnings))
