"""rtl: the network as SystemVerilog: a top that wires modules, one per distinct process, with memory images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inrarch.boards.settings import board_of, board_settings
from inrarch.engine.stage import Settings, Stage, StageRun

if TYPE_CHECKING:
    from inrarch.config.model import Variant


def settings(variant: Variant) -> Settings:
    """The board, for its multipliers, memories and Yosys command; project, device and clock, for the packages."""
    return {
        "board": board_settings(variant.board),
        "project": variant.project,
        "part": variant.board.part if variant.board.vendor == "amd" else None,
        "clock_mhz": variant.clock_mhz,
    }


def run(stage: StageRun) -> str:
    """Write src/, kernels/, *.mem, files.f, rtl.json, and what other people's designs need of it."""
    from inrarch.dataflow.target import target_of
    from inrarch.hardware.inputs import read_inputs
    from inrarch.hardware.names import identifier
    from inrarch.hardware.rtl.generate import generate_rtl
    from inrarch.hardware.rtl.packaging import Use, write_packaging

    given, settings = read_inputs(stage.inputs), stage.settings
    board = board_of(settings["board"])
    design = generate_rtl(given.model, given.formats, given.layout, given.depths, stage.output, target_of(board))
    images = sorted(path.name for path in stage.output.glob("*.mem"))
    name = identifier(settings["project"])
    use = Use(name, settings["part"], settings["clock_mhz"], board.family.fabric.yosys)
    write_packaging(design, images, stage.output, use)
    return (
        f"{len(design.processes)} processes of {len(design.modules)} modules, {len(design.streams)} streams, "
        f"{len(design.sources)} files"
    )


STAGE = Stage(
    name="rtl",
    title="SystemVerilog",
    run=run,
    settings=settings,
    after=("optimize", "quantize", "fifo"),
    data=("hardware/templates", "kernel_lib", "schemas"),
)
