"""Products with a constant weight."""

from __future__ import annotations

from inrarch.hardware.kernels import Header, Source, Wires
from inrarch.hardware.layout import Unit
from inrarch.hardware.render import environment, render
from inrarch.hardware.roms import MatmulUnit, build_matmul, matmul_constants


def call(unit: Unit, wires: Wires) -> str:
    """The unit's constants as a type, its memories as arguments."""
    read, out = wires.layout.read_by(unit), wires.layout.written_by(unit)
    memories = f"design::{wires.name}_weights, design::{wires.name}_biases"
    streams = f"{wires.streams[read.name]}, {wires.streams[out.name]}"
    return f"inrarch::matmul<{wires.rows(out)}, design::{wires.name}_unit>({streams}, {memories})"


def header(unit: Unit, source: Source) -> Header | None:
    """Shape, lanes, formats, weights and biases."""
    producers = {str(value.name): node for node in source.model.graph for value in node.outputs}
    constants = matmul_constants(unit, source.layout, producers, source.model.graph.initializers, source.formats)
    return Header(f"weights/{source.name}.hpp", render_matmul(source.name, build_matmul(unit, constants)))


def render_matmul(name: str, built: MatmulUnit) -> str:
    """Header with the shape, the formats and the memories of a matmul unit. name: legal name of the unit."""
    constants = {key: getattr(built, key) for key in built.__slots__}
    words = {"weights": built.weights.tolist(), "biases": built.biases.tolist()}
    return render(environment(), "weights.hpp.j2", name=name, unit=constants, **words)
