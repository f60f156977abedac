"""Products with the nonzeros of a constant weight."""

from __future__ import annotations

from inrarch.config.model import Lanes
from inrarch.errors import UserError
from inrarch.hardware.kernels import Header, Source, Wires
from inrarch.hardware.layout import Unit
from inrarch.hardware.render import environment, render
from inrarch.hardware.roms import matmul_constants
from inrarch.hardware.sparse_roms import SparseUnit, build_sparse

MEMORIES = ("weights", "places", "marks", "kept", "biases", "sources")
"""The memories in the order of the kernel's arguments."""


def call(unit: Unit, wires: Wires) -> str:
    """The unit's constants as a type, its memories as arguments."""
    read, out = wires.layout.read_by(unit), wires.layout.written_by(unit)
    memories = ", ".join(f"design::{wires.name}_{memory}" for memory in MEMORIES)
    streams = f"{wires.streams[read.name]}, {wires.streams[out.name]}"
    return f"inrarch::sparse_matmul<{wires.rows(out)}, design::{wires.name}_unit>({streams}, {memories})"


def header(unit: Unit, source: Source) -> Header | None:
    """Shape, lanes, formats and program. UserError where the weights are not those that `map` has seen."""
    producers = {str(value.name): node for node in source.model.graph for value in node.outputs}
    constants = matmul_constants(unit, source.layout, producers, source.model.graph.initializers, source.formats)
    parameters = unit.parameters
    lanes = Lanes(parameters["lanes_in"], parameters["lanes_out"])
    built = build_sparse(constants, lanes, source.layout.read_by(unit).lanes, source.layout.written_by(unit).lanes)
    for key in ("step", "lag"):
        said = parameters["T" if key == "step" else key]
        if built.numbers[key] != said:
            raise UserError(
                f"unit {unit.name!r} has a {key} of {said}, its weights give {built.numbers[key]}",
                place="network.json",
                hint="run the map stage again",
            )
    return Header(f"weights/{source.name}.hpp", render_sparse(source.name, built))


def render_sparse(name: str, built: SparseUnit) -> str:
    """Header with the shape, the formats and the memories of a sparse matmul unit. name: legal name of the unit."""
    return render(environment(), "sparse_weights.hpp.j2", name=name, unit=built)
