"""Products with the nonzeros of a constant weight."""

from __future__ import annotations

from inrarch.config.model import Lanes
from inrarch.dataflow.kernels.sparse_cost import operand_memory, result_memory
from inrarch.dataflow.memories import style
from inrarch.dataflow.target import Target
from inrarch.errors import UserError
from inrarch.hardware.kernels import Header, Source, Wires
from inrarch.hardware.layout import Stream, Unit
from inrarch.hardware.render import environment, render
from inrarch.hardware.roms import matmul_constants
from inrarch.hardware.rtl.module import Memory, Parameter, Rtl, multipliers
from inrarch.hardware.sparse_roms import SparseUnit, build_sparse

MEMORIES = ("weights", "places", "marks", "kept", "sources", "biases")
"""The memories in the order of the kernel's arguments."""


def call(unit: Unit, wires: Wires) -> str:
    """The unit's constants as a type, its memories as arguments."""
    read, out = wires.layout.read_by(unit), wires.layout.written_by(unit)
    memories = ", ".join(f"design::{wires.name}_{memory}" for memory in MEMORIES)
    streams = f"{wires.streams[read.name]}, {wires.streams[out.name]}"
    return f"inrarch::sparse_matmul<{wires.rows(out)}, design::{wires.name}_unit>({streams}, {memories})"


def header(unit: Unit, source: Source) -> Header | None:
    """Shape, lanes, formats and program. UserError where the weights are not those that `map` has seen."""
    return Header(f"weights/{source.name}.hpp", render_sparse(source.name, _built(unit, source)))


def rtl(unit: Unit, source: Source) -> Rtl:
    """The same as parameters and memories."""
    read, out = source.layout.read_by(unit), source.layout.written_by(unit)
    return sparse_rtl(_built(unit, source), read, out, out.rows(source.layout.rows), source.device)


def sparse_rtl(built: SparseUnit, read: Stream, out: Stream, rows: int, target: Target) -> Rtl:
    """A sparse matmul unit between two streams. rows: of an invocation."""
    numbers, lists = built.numbers, built.lists
    coefficients = numbers["coefficients"]
    has_bias = max(lists["bias"]) >= 0
    parameters: dict[str, Parameter] = {
        "ROWS": rows,
        "LANES": numbers["lanes_out"],
        "STREAM_LANES_IN": read.lanes,
        "STREAM_LANES_OUT": out.lanes,
        "FIELDS": len(read.fields),
        **multipliers(target),
        "BUFFER_STYLE": style(operand_memory(numbers["address_bits"], coefficients, numbers["data_bits"], target)),
        "RESULT_STYLE": style(
            result_memory(numbers["segment_bits"], coefficients, numbers["accumulator_bits"], target)
        ),
        "BIAS_ROWS": numbers["bias_rows"] if has_bias else 0,
    }
    parameters |= {key.upper(): numbers[key] for key in numbers if key not in ("lanes_out", "segments", "bias_rows")}
    parameters |= {key.upper(): lists[key] for key in lists}
    memories = {name: Memory.of(name, words, bits) for name, (_, bits, words) in built.memories.items()}
    if not has_bias:
        memories["biases"] = Memory("biases", 1, (0,) * numbers["slices_out"])
    return Rtl(parameters, tuple(memories.values()))


def _built(unit: Unit, source: Source) -> SparseUnit:
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
    return built


def render_sparse(name: str, built: SparseUnit) -> str:
    """Header with the shape, the formats and the memories of a sparse matmul unit. name: legal name of the unit."""
    return render(environment(), "sparse_weights.hpp.j2", name=name, unit=built)
