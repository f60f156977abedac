"""Products with a constant weight."""

from __future__ import annotations

from inrarch.dataflow.kernels.row_buffer import one_memory
from inrarch.dataflow.memories import style
from inrarch.dataflow.target import Target
from inrarch.hardware.kernels import Header, Source, Wires
from inrarch.hardware.layout import Stream, Unit
from inrarch.hardware.render import environment, render
from inrarch.hardware.roms import MatmulUnit, build_matmul, matmul_constants
from inrarch.hardware.rtl.module import Memory, Parameter, Rtl, multipliers


def call(unit: Unit, wires: Wires) -> str:
    """The unit's constants as a type, its memories as arguments."""
    read, out = wires.layout.read_by(unit), wires.layout.written_by(unit)
    memories = f"design::{wires.name}_weights, design::{wires.name}_biases"
    streams = f"{wires.streams[read.name]}, {wires.streams[out.name]}"
    return f"inrarch::matmul<{wires.rows(out)}, design::{wires.name}_unit>({streams}, {memories})"


def header(unit: Unit, source: Source) -> Header | None:
    """Shape, lanes, formats, weights and biases."""
    return Header(f"weights/{source.name}.hpp", render_matmul(source.name, _built(unit, source)))


def rtl(unit: Unit, source: Source) -> Rtl:
    """The same as parameters, weights and biases as memories."""
    read, out = source.layout.read_by(unit), source.layout.written_by(unit)
    return matmul_rtl(_built(unit, source), read, out, out.rows(source.layout.rows), source.device)


def matmul_rtl(built: MatmulUnit, read: Stream, out: Stream, rows: int, target: Target) -> Rtl:
    """A matmul unit between two streams. rows: of an invocation."""
    bias_rows = built.bias_rows if max(built.bias) >= 0 else 0
    word = built.coefficients * built.data_bits
    memory = one_memory(built.inputs, built.lanes_in, read.lanes, word, target)
    parameters: dict[str, Parameter] = {
        "ROWS": rows,
        "INPUTS": built.inputs,
        "OUTPUTS": built.outputs,
        "LANES_IN": built.lanes_in,
        "LANES_OUT": built.lanes_out,
        "LANES_COEFFICIENTS": built.lanes_coefficients,
        "STREAM_LANES_IN": read.lanes,
        "STREAM_LANES_OUT": out.lanes,
        "FIELDS": len(read.fields),
        **multipliers(target),
        "BUFFER_STYLE": style(memory),
        "COEFFICIENTS": built.coefficients,
        "DATA_BITS": built.data_bits,
        "WEIGHT_BITS": built.weight_bits,
        "ACCUMULATOR_BITS": built.accumulator_bits,
        "BIAS_ROWS": bias_rows,
        "STEP": built.step,
        "FIELD": built.field,
        "SHIFT": built.shift,
        "BIAS": built.bias,
    }
    biases = Memory.of("biases", built.biases, built.accumulator_bits)
    none = Memory("biases", 1, (0,) * len(built.biases))
    return Rtl(parameters, (Memory.of("weights", built.weights, built.weight_bits), biases if bias_rows else none))


def _built(unit: Unit, source: Source) -> MatmulUnit:
    producers = {str(value.name): node for node in source.model.graph for value in node.outputs}
    constants = matmul_constants(unit, source.layout, producers, source.model.graph.initializers, source.formats)
    return build_matmul(unit, constants)


def render_matmul(name: str, built: MatmulUnit) -> str:
    """Header with the shape, the formats and the memories of a matmul unit. name: legal name of the unit."""
    constants = {key: getattr(built, key) for key in built.__slots__}
    words = {"weights": built.weights.tolist(), "biases": built.biases.tolist()}
    return render(environment(), "weights.hpp.j2", name=name, unit=constants, **words)
