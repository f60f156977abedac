"""Sums of consecutive elements of a stream."""

from __future__ import annotations

from inrarch.hardware.kernels import Header, Source, Wires
from inrarch.hardware.layout import Unit
from inrarch.hardware.rtl.module import Rtl
from inrarch.hardware.sums import render_sums, sum_lists


def call(unit: Unit, wires: Wires) -> str:
    """The unit's constants as a type."""
    read, out = wires.layout.read_by(unit), wires.layout.written_by(unit)
    streams = f"{wires.streams[read.name]}, {wires.streams[out.name]}"
    return f"inrarch::reduce<{wires.rows(out) * out.features}, design::{wires.name}_unit>({streams})"


def header(unit: Unit, source: Source) -> Header | None:
    """Terms, formats and fields."""
    given = unit.parameters
    read = source.layout.read_by(unit)
    constants = {
        "tokens": given["terms"] // read.lanes,
        "coefficients": len(given["inputs"]),
        "accumulator_bits": given["accumulator_bits"],
    }
    lists = sum_lists(given, read, source.formats)
    return Header(f"sums/{source.name}.hpp", render_sums(source.name, "reduce", constants, lists))


def rtl(unit: Unit, source: Source) -> Rtl:
    """Shapes of the tokens, and which fields are summed."""
    given = unit.parameters
    read, out = source.layout.read_by(unit), source.layout.written_by(unit)
    lists = sum_lists(given, read, source.formats)
    return Rtl(
        {
            "SUMS": out.rows(source.layout.rows) * out.features,
            "TOKENS": given["terms"] // read.lanes,
            "LANES": read.lanes,
            "FIELDS": len(read.fields),
            "BITS": read.field_bits,
            "OUT_LANES": out.lanes,
            "COEFFICIENTS": len(given["inputs"]),
            "SUM_BITS": given["accumulator_bits"],
            "FIELD": lists["field"],
            "SHIFT": lists["shift"],
        }
    )
