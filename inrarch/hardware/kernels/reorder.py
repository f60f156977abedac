"""Elements in another order."""

from __future__ import annotations

from inrarch.hardware.kernels import Header, Source, Wires
from inrarch.hardware.layout import Unit
from inrarch.hardware.render import environment, render
from inrarch.hardware.reorders import ReorderUnit, build_reorder


def call(unit: Unit, wires: Wires) -> str:
    """The unit's memories and addresses as a type."""
    out = wires.layout.written_by(unit)
    rows = wires.rows(out) // max(out.repeat, 1)
    streams = [out.name, *(read["stream"] for read in unit.parameters["inputs"])]
    listed = ", ".join(wires.streams[stream] for stream in streams)
    return f"inrarch::reorder<{rows}, design::{wires.name}_unit>({listed})"


def header(unit: Unit, source: Source) -> Header | None:
    """Where each number comes from."""
    built = build_reorder(unit, source.layout, source.model.graph.initializers, source.formats)
    return Header(f"reorders/{source.name}.hpp", render_reorder(source.name, built))


def render_reorder(name: str, built: ReorderUnit) -> str:
    """Header with the memories and addresses of a unit. name: legal name of the unit."""
    return render(environment(), "reorder.hpp.j2", name=name, unit=built)
