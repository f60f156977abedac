"""Sums of consecutive elements of a stream."""

from __future__ import annotations

from inrarch.hardware.kernels import Header, Source, Wires
from inrarch.hardware.layout import Unit
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
