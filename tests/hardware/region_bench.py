"""One pointwise unit between streams: its RTL, its schedule, random tokens, and the words of the bit-true model."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.boards import load_board
from inrarch.dataflow.kernels.pointwise import Region
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.target import target_of
from inrarch.dataflow.units import Facts, Input
from inrarch.hardware.kernels import Source, code_of
from inrarch.hardware.layout import Stream, Unit, parse_layout
from inrarch.numeric.bittrue import run
from inrarch.numeric.formats import Format, Formats
from tests.rtl_bench import Found, Given, Instance, Wanted, predicted


@dataclass(frozen=True, slots=True)
class Case:
    """A unit on the bench. expected: words of its output, of all invocations."""

    instance: Instance
    schedule: Sequence[Mapping[str, Any]]
    expected: list[int]
    parameters: Mapping[str, Any]
    invocations: int

    def check(self, found: Found) -> None:
        """Equal words, and every access in the predicted cycle."""
        assert found.writes[0].words == self.expected
        times = predicted(self.schedule, self.instance, invocations=self.invocations)
        assert [each.cycles for each in found.reads] == [each.cycles for each in times.reads]
        assert found.writes[0].cycles == times.writes[0].cycles


def region_unit(model: ir.Model, formats: Formats, rows: int) -> tuple[Region, Facts]:
    """The whole graph as one unit, on multipliers of 27 x 18 bits."""
    nodes = {str(node.name): node for node in model.graph}
    unit = Region(
        name="region",
        features=int(model.graph.inputs[0].shape[1]),
        nodes=tuple(nodes),
        inputs=tuple(Input(f"source {value.name}", (str(value.name),)) for value in model.graph.inputs),
        makes=tuple(str(value.name) for value in model.graph.outputs),
    )
    return unit, Facts(nodes, model.graph.initializers, formats, target_of(load_board("u50")), rows)


def region_case(
    model: ir.Model,
    formats: Formats,
    *,
    lanes: int,
    interval: int,
    rows: int,
    seed: int,
    stalls: bool,
    field_bits: int | None = None,
    invocations: int = 1,
) -> Case:
    """A graph of pointwise nodes as one unit. Its inputs [rows, features] are a stream each, all its outputs one.

    rows: per invocation. field_bits: of a number in a token; None: the formats' data bits.
    """
    draw = random.Random(seed)
    inputs = [str(value.name) for value in model.graph.inputs]
    outputs = [str(value.name) for value in model.graph.outputs]
    features = int(model.graph.inputs[0].shape[1])
    bits = field_bits or formats.data_bits
    unit, facts = region_unit(model, formats, rows)
    streams = [f"in{number}" for number in range(len(inputs))]
    process = unit.process(facts, Parallelism({"region": interval}, {features: lanes}), streams, ["out0"])

    def stream(name: str, source: str, target: str, fields: list[str]) -> dict[str, Any]:
        ends = {"name": name, "from": source, "to": target}
        size = {"bits": bits * lanes * len(fields), "features": features, "lanes": lanes}
        return ends | size | {"fields": fields}

    layout = parse_layout(
        {
            "rows": rows,
            "streams": [
                *(stream(way, f"source {name}", "region", [name]) for way, name in zip(streams, inputs, strict=True)),
                stream("out0", "region", "sink", outputs),
            ],
            "processes": [
                {"name": "region", "schedule": [], "kernel": "pointwise", "parameters": dict(process.parameters)}
            ],
        }
    )
    feeds = {
        name: np.ldexp(_random(draw, formats.of(name), (rows * invocations, features)), -formats.of(name).frac)
        for name in inputs
    }
    values = run(model, formats, feeds, wanted=[*inputs, *outputs])
    return unit_case(
        Source("region", layout, model, facts.nodes, formats, facts.target),
        layout.units[0],
        process.schedule,
        values,
        draw=draw if stalls else None,
        invocations=invocations,
    )


def unit_case(
    source: Source,
    unit: Unit,
    schedule: Sequence[Mapping[str, Any]],
    values: Mapping[str, np.ndarray],
    *,
    draw: random.Random | None = None,
    invocations: int = 1,
) -> Case:
    """A pointwise unit of a network. values: integers of its operands and results, by tensor. draw: of the stalls."""
    layout = source.layout
    reads = [layout.stream(read["stream"]) for read in unit.parameters["inputs"]]
    write = layout.written_by(unit)
    tokens = write.rows(layout.rows) * invocations * write.features // write.lanes

    def gaps() -> list[int]:
        return [draw.choice((0, 0, 0, draw.randrange(12))) for _ in range(tokens)] if draw else []

    instance = Instance(
        "pointwise",
        code_of("pointwise").rtl(unit, source),
        [Given(read.bits, _words(read, values), gaps()) for read in reads],
        [Wanted(write.bits, tokens, gaps())],
    )
    return Case(instance, schedule, _words(write, values), unit.parameters, invocations)


def _random(draw: random.Random, fmt: Format, shape: tuple[int, int]) -> np.ndarray:
    """Ends, small numbers, and numbers of every magnitude."""
    ends = (fmt.lowest, fmt.lowest + 1, fmt.highest, fmt.highest - 1, 0, -1, 1)

    def one() -> int:
        return (
            draw.choice(ends)
            if draw.random() < 0.05
            else draw.randint(fmt.lowest, fmt.highest) >> draw.randrange(fmt.bits)
        )

    return np.array([one() for _ in range(shape[0] * shape[1])], dtype=np.float64).reshape(shape)


def _words(stream: Stream, values: Mapping[str, np.ndarray]) -> list[int]:
    """Tokens of a stream: value[lane][field], the first in the lowest bits; 0 for tensors that are not in `values`."""
    bits, size = stream.field_bits, stream.lanes * len(stream.fields)
    mask = (1 << bits) - 1
    shape = next(values[tensor].size for tensor in stream.fields if tensor in values)
    fields = [values.get(tensor, np.zeros(shape, np.int64)).reshape(-1) for tensor in stream.fields]
    flat = np.stack(np.broadcast_arrays(*fields), axis=-1).reshape(-1, size).tolist()
    return [sum((value & mask) << place * bits for place, value in enumerate(token)) for token in flat]
