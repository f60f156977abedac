"""synth: the RTL synthesised by Yosys: LUT, FF, DSP, BRAM18 and the longest path of every process, beside the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from inrarch.boards.settings import board_of, board_settings
from inrarch.engine.stage import Needs, NotRunError, Settings, Stage, StageRun
from inrarch.machine import machine_cores

if TYPE_CHECKING:
    from inrarch.config.model import Variant

KINDS = ("lut", "ff", "dsp", "bram18")


def settings(variant: Variant) -> Settings:
    """The board: what it is made of says which cells there are; the clock; whether to run."""
    wanted = variant.implementation.synthesis
    return {"board": board_settings(variant.board), "clock_mhz": variant.clock_mhz, "wanted": wanted}


def run(stage: StageRun) -> str:
    """Write `report.json`; the summary has the totals, those of the model, and the longest path."""
    import json

    from inrarch.dataflow.target import target_of
    from inrarch.hardware.rtl.description import load_description
    from inrarch.hardware.synthesis.usage import usage
    from inrarch.hardware.synthesis.yosys import synthesise
    from inrarch.json_file import read_json
    from inrarch.tools import yosys
    from inrarch.tools.messages import shown

    if not stage.settings["wanted"]:
        raise NotRunError("the project says `implementation: {synthesis: false}`")
    board = board_of(stage.settings["board"])
    command = board.family.fabric.yosys
    if command is None:
        raise NotRunError(f"Yosys does not synthesise for {board.family.fabric.name} (board {board.name})")
    source = stage.inputs["rtl"]
    design = load_description(source)
    network = read_json(stage.inputs["fifo"] / "network.json", "a process network")
    done = synthesise(design, source, stage.scratch, command, cores=machine_cores())
    found: dict[str, Any] = usage(design, done.netlist, network, target_of(board))
    model = {kind: network["model"][kind] for kind in KINDS}
    report = {
        "tool": "yosys",
        "command": command,
        "tools": {"yosys": yosys.TOOL.version(yosys.TOOL.find())},
        "model": model,
        "period_ns": 1000 / stage.settings["clock_mhz"],
        **found,
        "device": {kind: asdict(board.resources)[kind] for kind in KINDS},
        "warnings": [asdict(each) for each in done.warnings],
    }
    (stage.output / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    for line in shown(done.warnings):
        print(line)
    figures = ", ".join(f"{found['total'][kind]:,} {kind.upper()} (model {model[kind]:,})" for kind in KINDS)
    path = path_text(found["longest_path"], report["period_ns"])
    return f"{figures}; {path}; {len(design.modules)} modules in {done.runs + 1} runs, {done.seconds:.0f} s"


def path_text(path: Mapping[str, Any], period: float) -> str:
    """The longest path beside the clock, in words."""
    levels = f"{path['levels']} levels in {path['unit']}"
    if path["ns"] is None:
        return f"longest path: {levels}"
    late = " (TOO LONG)" if path["ns"] > period else ""
    return f"longest path {path['ns']:.2f} of {period:.2f} ns{late}, {levels}"


STAGE = Stage(
    name="synth",
    title="synthesis by Yosys",
    run=run,
    settings=settings,
    after=("rtl", "fifo"),
    optional_tools=("yosys",),
    data=("schemas",),
    needs=Needs(memory_mb=2048),
)
