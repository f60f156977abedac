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
    """Write src/, kernels/, memories/, files.f, rtl.json, and what other people's designs need of it."""
    from inrarch.graph.load import load_model
    from inrarch.hardware.layout import load_layout
    from inrarch.hardware.names import identifier
    from inrarch.hardware.rtl.generate import generate_rtl
    from inrarch.hardware.rtl.packaging import write_packaging
    from inrarch.json_file import check_schema, read_json
    from inrarch.numeric.formats import load_formats

    model = load_model(stage.inputs["optimize"] / "derivative.onnx")
    formats = load_formats(stage.inputs["quantize"] / "formats.json")
    layout = load_layout(stage.inputs["fifo"] / "network.json")
    place = stage.inputs["fifo"] / "depths.json"
    depths = read_json(place, "FIFO depths")
    check_schema(depths, "depths", str(place))
    given = stage.settings
    wide, narrow = given["multiplier"]
    design = generate_rtl(model, formats, layout, depths["depths"], stage.output, (wide, narrow))
    images = sorted(f"memories/{path.name}" for path in (stage.output / "memories").glob("*"))
    name = identifier(given["project"])
    write_packaging(design, images, stage.output, name=name, part=given["part"], clock_mhz=given["clock_mhz"])
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
