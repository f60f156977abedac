"""Elements in another order."""

from __future__ import annotations

from inrarch.hardware.kernels import Header, Source, Wires
from inrarch.hardware.layout import Unit
from inrarch.hardware.render import environment, render
from inrarch.hardware.reorders import ReorderUnit, build_reorder
from inrarch.hardware.reorders_rtl import reorder_rtl
from inrarch.hardware.rtl.module import Rtl


def call(unit: Unit, wires: Wires) -> str:
    """The unit's memories and addresses as a type."""
    out = wires.layout.written_by(unit)
    rows = wires.rows(out) // max(out.repeat, 1)
    streams = [out.name, *(read["stream"] for read in unit.parameters["inputs"])]
    listed = ", ".join(wires.streams[stream] for stream in streams)
    return f"inrarch::reorder<{rows}, design::{wires.name}_unit>({listed})"


def header(unit: Unit, source: Source) -> Header | None:
    """Where each number comes from."""
    return Header(f"reorders/{source.name}.hpp", render_reorder(source.name, _built(unit, source)))


def rtl(unit: Unit, source: Source) -> Rtl:
    """The memories, and the program that reads them."""
    layout, out = source.layout, source.layout.written_by(unit)
    streams = [layout.stream(read["stream"]) for read in unit.parameters["inputs"]]
    rows = out.rows(layout.rows) // max(out.repeat, 1)
    return reorder_rtl(_built(unit, source), streams, out, rows, source.device)


def _built(unit: Unit, source: Source) -> ReorderUnit:
    return build_reorder(unit, source.layout, source.model.graph.initializers, source.formats)


def render_reorder(name: str, built: ReorderUnit) -> str:
    """Header with the memories and addresses of a unit. name: legal name of the unit."""
    return render(environment(), "reorder.hpp.j2", name=name, unit=built)
