"""pnr: the design on its board's device by open tools: placed, routed, timing, bitstream. ECP5 with nextpnr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inrarch.boards.settings import board_of, board_settings
from inrarch.engine.stage import Needs, NotRunError, Settings, Stage, StageRun

if TYPE_CHECKING:
    from inrarch.config.model import Variant


def settings(variant: Variant) -> Settings:
    """The board and the clock; whether to run."""
    wanted = variant.implementation.place_and_route
    return {"board": board_settings(variant.board), "clock_mhz": variant.clock_mhz, "wanted": wanted}


def run(stage: StageRun) -> str:
    """Write the bitstream, its sources, the host's files and `report.json`; the summary has the clock."""
    import json
    import shutil
    from dataclasses import asdict

    from inrarch.hardware.design import load_design
    from inrarch.hardware.rtl.description import load_description
    from inrarch.hardware.synthesis import host
    from inrarch.hardware.synthesis.board_top import board_top, host_description
    from inrarch.hardware.synthesis.ecp5 import place_and_route
    from inrarch.hardware.synthesis.timing import clocks, critical_path, utilisation
    from inrarch.tools import ecppack, ecppll, nextpnr_ecp5, yosys
    from inrarch.tools.messages import shown

    if not stage.settings["wanted"]:
        raise NotRunError("the project says `implementation: {place_and_route: false}`")
    board, clock_mhz = board_of(stage.settings["board"]), stage.settings["clock_mhz"]
    if board.place_and_route is None:
        raise NotRunError(f"no open tool places and routes for board {board.name}")
    source = stage.inputs["rtl"]
    design = load_description(source)
    top = board_top(design, board, clock_mhz)
    done = place_and_route(design, source, top, board, clock_mhz, stage.scratch, stage.output)
    found = clocks(done.report)
    slowest = min(found, key=lambda name: found[name]["achieved_mhz"])
    achieved = found[slowest]["achieved_mhz"]
    met = all(each["achieved_mhz"] >= each["constraint_mhz"] for each in found.values())
    path = critical_path(done.report, slowest)
    tools = (yosys.TOOL, nextpnr_ecp5.TOOL, ecppack.TOOL, ecppll.TOOL)
    report = {
        "clocks": found,
        "clock_mhz": clock_mhz,
        "met": met,
        "critical_path": path,
        "utilisation": utilisation(done.report),
        "tools": {tool.name: tool.version(tool.find()) for tool in tools},
        "warnings": [asdict(each) for each in done.warnings],
    }
    description = host_description(design, load_design(stage.inputs["hls"] / "design.json"), board)
    (stage.output / "host.json").write_text(description, encoding="utf-8")
    shutil.copyfile(str(host.__file__), stage.output / "host.py")
    (stage.output / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    for line in shown(done.warnings):
        print(line)
    print(
        f"critical path: {path['logic_ns']} ns logic, {path['routing_ns']} ns routing, {' -> '.join(path['through'])}"
    )
    times = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in done.seconds.items())
    return f"{achieved:.1f} MHz, {clock_mhz:g} MHz {'met' if met else 'NOT MET'}; {times}"


STAGE = Stage(
    name="pnr",
    title="place and route by nextpnr",
    run=run,
    settings=settings,
    after=("rtl", "hls"),
    optional_tools=("yosys", "nextpnr-ecp5", "ecppack", "ecppll"),
    data=("hardware/templates", "kernel_lib", "schemas"),
    needs=Needs(memory_mb=4096),
)
