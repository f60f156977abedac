"""A region of pointwise nodes."""

from __future__ import annotations

from inrarch.hardware.kernels import Header, Source, Wires
from inrarch.hardware.layout import Unit
from inrarch.hardware.region import build_region
from inrarch.hardware.region_cpp import render_region
from inrarch.hardware.region_sv import region_rtl
from inrarch.hardware.render import environment, render
from inrarch.hardware.rtl.module import Rtl
from inrarch.hardware.top import token_type


def call(unit: Unit, wires: Wires) -> str:
    """The interval, the multiplications that share it, and the region's expression as a type."""
    out = wires.layout.written_by(unit)
    inputs = ", ".join(wires.streams[read["stream"]] for read in unit.parameters["inputs"])
    sharing = f"{unit.parameters['interval']}, {unit.parameters['multipliers']}"
    shape = f"{wires.rows(out)}, {out.features}, {sharing}, design::{wires.name}_region"
    return f"inrarch::pointwise<{shape}>({wires.streams[out.name]}, {inputs})"


def header(unit: Unit, source: Source) -> Header | None:
    """The expression of one feature."""
    region = build_region(unit, source.layout, source.nodes, source.formats)
    text = render_region(region, source.name)
    inputs = [token_type(source.layout.stream(read["stream"])) for read in unit.parameters["inputs"]]
    lanes = source.layout.written_by(unit).lanes
    tables = tuple(each.table for each in region.instructions if each.table is not None)
    rendered = render(environment(), "region.hpp.j2", name=source.name, text=text, inputs=inputs, lanes=lanes)
    return Header(f"regions/{source.name}.hpp", rendered, tables)


def rtl(unit: Unit, source: Source) -> Rtl:
    """The pipeline of the expression, at the start times of its schedule."""
    region = build_region(unit, source.layout, source.nodes, source.formats)
    reads = [source.layout.stream(read["stream"]) for read in unit.parameters["inputs"]]
    write = source.layout.written_by(unit)
    return region_rtl(region, reads, write, write.rows(source.layout.rows), source.device)
