"""Sums over the rows of an invocation, feature by feature."""

from __future__ import annotations

from inrarch.dataflow.kernels.sums import sums_memory
from inrarch.dataflow.memories import style
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
    tokens, count = read.features // read.lanes, len(given["inputs"])
    bits = max(source.formats.accumulators[node] for node in given["nodes"])
    return Rtl(
        {
            "ROWS": read.rows(source.layout.rows),
            "TOKENS": tokens,
            "LANES": read.lanes,
            "FIELDS": len(read.fields),
            "BITS": read.field_bits,
            "COEFFICIENTS": count,
            "SUM_BITS": bits,
            "SUM_STYLE": style(sums_memory(tokens, read.lanes * count * bits, source.device)),
            "FIELD": lists["field"],
            "SHIFT": lists["shift"],
        }
    )
