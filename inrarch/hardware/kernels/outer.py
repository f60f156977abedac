"""Sums over the rows of an invocation of outer products."""

from __future__ import annotations

from inrarch.config.model import Lanes
from inrarch.dataflow.kernels.outer import blocks_of
from inrarch.dataflow.kernels.row_buffer import one_memory
from inrarch.dataflow.kernels.sums import sums_memory
from inrarch.dataflow.memories import style
from inrarch.hardware.kernels import Header, Source, Wires
from inrarch.hardware.layout import Unit
from inrarch.hardware.rtl.module import Rtl, multipliers
from inrarch.hardware.sums import render_sums


def call(unit: Unit, wires: Wires) -> str:
    """The unit's constants as a type."""
    left, right = (wires.layout.stream(unit.parameters[side]["stream"]) for side in ("left", "right"))
    out = wires.layout.written_by(unit)
    streams = ", ".join(wires.streams[stream.name] for stream in (left, right, out))
    return f"inrarch::outer<{wires.rows(left)}, design::{wires.name}_unit>({streams})"


def header(unit: Unit, source: Source) -> Header | None:
    """Shape, lanes and formats."""
    return Header(f"sums/{source.name}.hpp", render_sums(source.name, "outer", _constants(unit, source)))


def rtl(unit: Unit, source: Source) -> Rtl:
    """The constants of the C++, and the shapes of the tokens."""
    found, out = _constants(unit, source), source.layout.written_by(unit)
    left, right = (source.layout.stream(unit.parameters[side]["stream"]) for side in ("left", "right"))
    target, bits = source.device, out.field_bits
    lanes = Lanes(found["lanes_left"], found["lanes_right"])
    rows, columns = blocks_of(found["left"], found["right"], lanes)
    sums = lanes.inputs * lanes.outputs * found["accumulator_bits"]
    return Rtl(
        {name.upper(): value for name, value in found.items() if name != "accumulator_bits"}
        | {
            "ROWS": left.rows(source.layout.rows),
            "STREAM_LEFT": left.lanes,
            "STREAM_RIGHT": right.lanes,
            "FIELDS_LEFT": len(left.fields),
            "FIELDS_RIGHT": len(right.fields),
            "BITS": bits,
            "SUM_BITS": found["accumulator_bits"],
            "OUT_LANES": out.lanes,
            **multipliers(target),
            "LEFT_STYLE": style(one_memory(found["left"], lanes.inputs, left.lanes, bits, target)),
            "RIGHT_STYLE": style(one_memory(found["right"], lanes.outputs, right.lanes, bits, target)),
            "SUM_STYLE": style(sums_memory(rows * columns, sums, target)),
        },
        reads=(left.name, right.name),
    )


def _constants(unit: Unit, source: Source) -> dict[str, int]:
    given, formats = unit.parameters, source.formats
    left, right = given["left"], given["right"]
    taken = formats.operands_of(given["node"], [left["field"], right["field"]])
    return {
        "left": given["A"],
        "right": given["B"],
        "lanes_left": given["lanes_left"],
        "lanes_right": given["lanes_right"],
        "left_field": source.layout.stream(left["stream"]).place_of(left["field"]),
        "right_field": source.layout.stream(right["stream"]).place_of(right["field"]),
        "left_bits": taken[0].bits,
        "right_bits": taken[1].bits,
        "left_shift": formats.of(left["field"]).frac - taken[0].frac,
        "right_shift": formats.of(right["field"]).frac - taken[1].frac,
        "accumulator_bits": formats.accumulators[given["node"]],
        "shift": taken[0].frac + taken[1].frac - formats.of(given["output"]).frac,
        "step": given["T"],
    }
