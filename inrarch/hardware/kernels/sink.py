"""Model outputs."""

from __future__ import annotations

from inrarch.hardware.kernels import Header, Source, Wires
from inrarch.hardware.layout import Unit


def call(unit: Unit, wires: Wires) -> str:
    """The words of the outputs, by their places in the token."""
    read = wires.layout.read_by(unit)
    places = ", ".join(str(read.place_of(tensor)) for tensor in unit.parameters["outputs"])
    shape = f"{wires.rows(read)}, {read.features}, inrarch::index_list<{places}>"
    return f"inrarch::sink<{shape}>({wires.streams[read.name]}, {wires.ports[unit.name]})"


def header(unit: Unit, source: Source) -> Header | None:
    """None."""
    return None
