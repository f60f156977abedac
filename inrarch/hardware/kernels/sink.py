"""Model outputs."""

from __future__ import annotations

from inrarch.hardware.kernels import Header, Source, Wires
from inrarch.hardware.layout import Unit
from inrarch.hardware.rtl.module import Rtl


def call(unit: Unit, wires: Wires) -> str:
    """The words of the outputs, by their places in the token."""
    read = wires.layout.read_by(unit)
    places = ", ".join(str(read.place_of(tensor)) for tensor in unit.parameters["outputs"])
    shape = f"{wires.rows(read)}, {read.features}, inrarch::index_list<{places}>"
    return f"inrarch::sink<{shape}>({wires.streams[read.name]}, {wires.ports[unit.name]})"


def header(unit: Unit, source: Source) -> Header | None:
    """None."""
    return None


def rtl(unit: Unit, source: Source) -> Rtl:
    """Shape of the tokens, and the places of the outputs in them."""
    read = source.layout.read_by(unit)
    places = tuple(read.place_of(tensor) for tensor in unit.parameters["outputs"])
    return Rtl(
        {
            "TOKENS": read.rows(source.layout.rows) * (read.features // read.lanes),
            "LANES": read.lanes,
            "FIELDS": len(read.fields),
            "BITS": read.field_bits,
            "OUTPUTS": len(places),
            "PLACES": places,
        }
    )
