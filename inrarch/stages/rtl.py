"""rtl: the network as SystemVerilog: a top that wires modules, one per distinct process, with memory images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inrarch.engine.stage import Settings, Stage, StageRun

if TYPE_CHECKING:
    from inrarch.config.model import Variant


def settings(variant: Variant) -> Settings:
    """The multiplier blocks; the name of the project, the device, its Yosys command and the clock, for the packages."""
    return {
        "multiplier": list(variant.board.family.dsp.multiplier),
        "project": variant.project,
        "part": variant.board.part if variant.board.vendor == "amd" else None,
        "yosys": variant.board.family.fabric.yosys,
        "clock_mhz": variant.clock_mhz,
    }


def run(stage: StageRun) -> str:
    """Write src/, kernels/, *.mem, files.f, rtl.json, and what other people's designs need of it."""
    from inrarch.hardware.inputs import read_inputs
    from inrarch.hardware.names import identifier
    from inrarch.hardware.rtl.generate import generate_rtl
    from inrarch.hardware.rtl.packaging import Use, write_packaging

    given, settings = read_inputs(stage.inputs), stage.settings
    wide, narrow = settings["multiplier"]
    design = generate_rtl(given.model, given.formats, given.layout, given.depths, stage.output, (wide, narrow))
    images = sorted(path.name for path in stage.output.glob("*.mem"))
    name = identifier(settings["project"])
    use = Use(name, settings["part"], settings["clock_mhz"], (wide, narrow), settings["yosys"])
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
