"""Sums over the rows of an invocation, feature by feature."""

from __future__ import annotations

from inrarch.hardware.kernels import Header, Source, Wires
from inrarch.hardware.layout import Unit
from inrarch.hardware.rtl.module import Rtl
from inrarch.hardware.sums import render_sums, sum_lists


def call(unit: Unit, wires: Wires) -> str:
    """The unit's constants as a type."""
    read, out = wires.layout.read_by(unit), wires.layout.written_by(unit)
    streams = f"{wires.streams[read.name]}, {wires.streams[out.name]}"
    return f"inrarch::accumulate<{wires.rows(read)}, design::{wires.name}_unit>({streams})"


def header(unit: Unit, source: Source) -> Header | None:
    """Features, formats and fields."""
    given, formats = unit.parameters, source.formats
    read = source.layout.read_by(unit)
    constants = {
        "features": given["features"],
        "coefficients": len(given["inputs"]),
        "accumulator_bits": max(formats.accumulators[node] for node in given["nodes"]),
    }
    lists = sum_lists(given, read, formats)
    return Header(f"sums/{source.name}.hpp", render_sums(source.name, "accumulate", constants, lists))


def rtl(unit: Unit, source: Source) -> Rtl:
    """Shape of the tokens, and which fields are summed."""
    given = unit.parameters
    read = source.layout.read_by(unit)
    lists = sum_lists(given, read, source.formats)
    return Rtl(
        {
            "ROWS": read.rows(source.layout.rows),
            "TOKENS": read.features // read.lanes,
            "LANES": read.lanes,
            "FIELDS": len(read.fields),
            "BITS": read.field_bits,
            "COEFFICIENTS": len(given["inputs"]),
            "SUM_BITS": max(source.formats.accumulators[node] for node in given["nodes"]),
            "FIELD": lists["field"],
            "SHIFT": lists["shift"],
        }
    )
