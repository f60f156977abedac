"""Copies of a stream."""

from __future__ import annotations

from itertools import accumulate

from inrarch.hardware.kernels import Header, Source, Wires
from inrarch.hardware.layout import Unit
from inrarch.hardware.rtl.module import Rtl


def call(unit: Unit, wires: Wires) -> str:
    """All tokens, to each reader in turn, with the fields that it needs."""
    read = wires.layout.read_by(unit)
    outputs = [wires.layout.stream(name) for name in unit.parameters["outputs"]]
    streams = ", ".join(wires.streams[stream.name] for stream in (read, *outputs))
    tokens = wires.rows(read) * (read.features // read.lanes)
    if all(out.fields == read.fields for out in outputs):
        return f"inrarch::fork<{tokens}>({streams})"
    places = [", ".join(str(read.place_of(tensor)) for tensor in out.fields) for out in outputs]
    lists = ", ".join(f"inrarch::index_list<{each}>" for each in places)
    return f"inrarch::fork_fields<{tokens}, {lists}>({streams})"


def header(unit: Unit, source: Source) -> Header | None:
    """None."""
    return None


def rtl(unit: Unit, source: Source) -> Rtl:
    """Shape of the tokens, and the fields that each reader needs."""
    read = source.layout.read_by(unit)
    outputs = [source.layout.stream(name) for name in unit.parameters["outputs"]]
    places = tuple(read.place_of(tensor) for out in outputs for tensor in out.fields)
    return Rtl(
        {
            "TOKENS": read.rows(source.layout.rows) * (read.features // read.lanes),
            "LANES": read.lanes,
            "FIELDS": len(read.fields),
            "BITS": read.field_bits,
            "OUTPUTS": len(outputs),
            "COPIES": len(places),
            "START": tuple(accumulate((len(out.fields) for out in outputs), initial=0)),
            "PLACES": places,
        },
        writes=tuple(out.name for out in outputs),
    )
