"""A model input."""

from __future__ import annotations

from inrarch.hardware.kernels import Header, Source, Wires
from inrarch.hardware.layout import Unit
from inrarch.hardware.rtl.module import Rtl


def call(unit: Unit, wires: Wires) -> str:
    """Words of the port become tokens."""
    out = wires.layout.written_by(unit)
    shape = f"{wires.rows(out)}, {out.features}"
    return f"inrarch::source<{shape}>({wires.ports[unit.name]}, {wires.streams[out.name]})"


def header(unit: Unit, source: Source) -> Header | None:
    """None."""
    return None


def rtl(unit: Unit, source: Source) -> Rtl:
    """Shape and width of the tokens."""
    out = source.layout.written_by(unit)
    tokens = out.rows(source.layout.rows) * (out.features // out.lanes)
    return Rtl({"TOKENS": tokens, "LANES": out.lanes, "BITS": out.field_bits})
