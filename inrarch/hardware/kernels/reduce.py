"""Sums of consecutive elements of a stream."""

from __future__ import annotations

from inrarch.hardware.kernels import Header, Source, Wires
from inrarch.hardware.kernels.outer import render_sums
from inrarch.hardware.layout import Unit


def call(unit: Unit, wires: Wires) -> str:
    """The unit's constants as a type."""
    read, out = wires.layout.read_by(unit), wires.layout.written_by(unit)
    streams = f"{wires.streams[read.name]}, {wires.streams[out.name]}"
    return f"inrarch::reduce<{wires.rows(out) * out.features}, design::{wires.name}_unit>({streams})"


def header(unit: Unit, source: Source) -> Header | None:
    """Terms, formats and fields."""
    given, formats = unit.parameters, source.formats
    read = source.layout.read_by(unit)
    pairs = list(zip(given["inputs"], given["outputs"], strict=True))
    constants = {
        "tokens": given["terms"] // read.lanes,
        "coefficients": len(pairs),
        "accumulator_bits": given["accumulator_bits"],
    }
    lists = {
        "field": tuple(read.place_of(operand) for operand, _ in pairs),
        "shift": tuple(formats.of(operand).frac - formats.of(result).frac for operand, result in pairs),
    }
    return Header(f"sums/{source.name}.hpp", render_sums(source.name, "reduce", constants, lists))
