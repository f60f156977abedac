"""Copies of a stream."""

from __future__ import annotations

from inrarch.hardware.kernels import Header, Source, Wires
from inrarch.hardware.layout import Unit


def call(unit: Unit, wires: Wires) -> str:
    """All tokens, to each reader in turn."""
    read = wires.layout.read_by(unit)
    copies = ", ".join(wires.streams[stream] for stream in unit.parameters["outputs"])
    tokens = wires.rows(read) * (read.features // read.lanes)
    return f"inrarch::fork<{tokens}>({wires.streams[read.name]}, {copies})"


def header(unit: Unit, source: Source) -> Header | None:
    """None."""
    return None
