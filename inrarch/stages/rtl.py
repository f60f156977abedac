"""rtl: the network as SystemVerilog: a top that wires modules, one per distinct process, with memory images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inrarch.engine.stage import Settings, Stage, StageRun

if TYPE_CHECKING:
    from inrarch.config.model import Variant


def settings(variant: Variant) -> Settings:
    """The multiplier blocks; the name of the project, the device and the clock, for the packages of the design."""
    return {
        "multiplier": list(variant.board.family.dsp.multiplier),
        "project": variant.project,
        "part": variant.board.part if variant.board.vendor == "amd" else None,
        "clock_mhz": variant.clock_mhz,
    }


def run(stage: StageRun) -> str:
    """Write src/, kernels/, *.mem, files.f, rtl.json, and what other people's designs need of it."""
    from inrarch.hardware.inputs import read_inputs
    from inrarch.hardware.names import identifier
    from inrarch.hardware.rtl.generate import generate_rtl
    from inrarch.hardware.rtl.packaging import write_packaging

    given, settings = read_inputs(stage.inputs), stage.settings
    wide, narrow = settings["multiplier"]
    design = generate_rtl(given.model, given.formats, given.layout, given.depths, stage.output, (wide, narrow))
    images = sorted(path.name for path in stage.output.glob("*.mem"))
    name, clock_mhz = identifier(settings["project"]), settings["clock_mhz"]
    write_packaging(design, images, stage.output, name=name, part=settings["part"], clock_mhz=clock_mhz)
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
