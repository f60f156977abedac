"""A region's program as a SystemVerilog pipeline: operators at the start times of its schedule in `network.json`.

Two modules: one lane's data path, and around the lanes the pace, the words that are read, the constants per feature.
Names are by number, so that regions with equal programs and formats are one module: x<n> is a field that is read, c<n>
a constant, n<n>_<operator> the result of node n of the unit's `nodes`, and _<k> behind a name the k-th word in which it
waits; s<n> is an operator that several nodes share.
"""

from __future__ import annotations

from collections.abc import Sequence

from inrarch.dataflow.memories import rom, style
from inrarch.dataflow.target import Target
from inrarch.hardware.lane_sv import FeatureConstant, LaneText, feature_words, lane_text
from inrarch.hardware.layout import Stream
from inrarch.hardware.region import Region
from inrarch.hardware.region_timing import Pipeline, Value
from inrarch.hardware.render import environment, render
from inrarch.hardware.rtl.module import Rtl
from inrarch.hardware.rtl.text import Parameters, concatenation, declared, hexadecimal, image_name, instance, text
from inrarch.hardware.rtl.wrapper import address_bits


def region_rtl(region: Region, reads: Sequence[Stream], write: Stream, rows: int, target: Target) -> Rtl:
    """The modules of a pointwise unit. reads: its streams in order. rows: of the output per invocation.

    UserError where a node starts before its operands are there.
    """
    lanes, interval = write.lanes, int(region.unit.parameters["interval"])
    period = region.features // lanes
    lane = lane_text(
        region, [stream.field_bits for stream in reads], write.field_bits, target, fixed_features=period == 1
    )
    pipeline = Pipeline(interval)
    token = Value("token", address_bits(period), -1, interval)
    lines = [line for each in lane.constants for line in _constant(each, lane, pipeline, token, lanes, period, target)]
    body = render(
        environment(),
        "region.sv.j2",
        reads=[{"bits": stream.bits, "lane_bits": stream.bits // lanes} for stream in reads],
        write={"bits": write.bits, "lane_bits": write.bits // lanes},
        lanes=lanes,
        pace={
            "READS": len(reads),
            "TOKENS": rows * period,
            "PERIOD": period,
            "INTERVAL": interval,
            "LATENCY": region.unit.parameters["latency"],
        },
        interval=interval,
        token_bits=token.bits,
        constants=[{"wire": each.wire, "bits": each.bits} for each in lane.constants],
        constant_lines=[*lines, *pipeline.lines()],
        lane_lines=lane.lines,
        out=concatenation(lane.out),
    )
    return Rtl(body=body, images=lane.images, reads=tuple(stream.name for stream in reads))


def _constant(
    each: FeatureConstant, lane: LaneText, pipeline: Pipeline, token: Value, lanes: int, period: int, target: Target
) -> list[str]:
    """The words of a constant for all lanes, one stage before it is first needed in front of its memory."""
    image = feature_words(each.constant, each.bits, lanes)
    lines = [declared(each.wire, image.bits)]
    if period == 1:
        return [*lines, f"    assign {each.wire} = {hexadecimal(image.words[0], image.bits)};"]
    name = image_name("constants", image)
    lane.images[name] = image
    parameters: Parameters = {"WORDS": period, "BITS": image.bits, "FILE": text(name)}
    parameters["STYLE"] = style(rom(period, image.bits, target))
    ports = {
        "clk": "clk",
        "enable": pipeline.enable(each.start),
        "address": pipeline.at(token, each.start - 1),
        "data": each.wire,
    }
    return [*lines, *instance("inrarch_rom", f"memory_{each.wire}", parameters, ports)]
