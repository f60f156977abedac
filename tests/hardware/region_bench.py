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
from inrarch.hardware.layout import parse_layout
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


def region_case(
    model: ir.Model,
    formats: Formats,
    *,
    lanes: int,
    interval: int,
    rows: int,
    seed: int,
    stalls: bool,
    integers: Mapping[str, np.ndarray] | None = None,
    field_bits: int | None = None,
    invocations: int = 1,
) -> Case:
    """A graph of pointwise nodes as one unit. Its inputs [rows, features] are a stream each, all its outputs one.

    rows: per invocation. integers: of the inputs, [rows * invocations, features]; None: random ones.
    """
    draw = random.Random(seed)
    inputs = [str(value.name) for value in model.graph.inputs]
    outputs = [str(value.name) for value in model.graph.outputs]
    features = int(model.graph.inputs[0].shape[1])
    bits = field_bits or formats.data_bits
    nodes = {str(node.name): node for node in model.graph}
    unit = Region(
        name="region",
        features=features,
        nodes=tuple(nodes),
        inputs=tuple(Input(f"source {name}", (name,)) for name in inputs),
        makes=tuple(outputs),
    )
    facts = Facts(nodes, model.graph.initializers, formats, target_of(load_board("u50")), rows)
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
    rtl = code_of("pointwise").rtl(layout.units[0], Source("region", layout, model, nodes, formats))
    if integers is None:
        integers = {
            name: np.array(
                [_scattered(draw, formats.of(name)) for _ in range(rows * invocations * features)], dtype=np.int64
            ).reshape(rows * invocations, features)
            for name in inputs
        }
    feeds = {name: np.ldexp(integers[name].astype(np.float64), -formats.of(name).frac) for name in inputs}
    results = run(model, formats, feeds)
    tokens = rows * invocations * features // lanes

    def gaps() -> list[int]:
        return [draw.choice((0, 0, 0, draw.randrange(12))) for _ in range(tokens)] if stalls else []

    width = bits * lanes
    reads = [Given(width, _words([integers[name]], bits, lanes), gaps()) for name in inputs]
    write = Wanted(width * len(outputs), tokens, gaps())
    expected = _words([results[name] for name in outputs], bits, lanes)
    return Case(Instance("pointwise", rtl, reads, [write]), process.schedule, expected, process.parameters, invocations)


def _scattered(draw: random.Random, fmt: Format) -> int:
    """Ends, small numbers, and numbers of every magnitude."""
    if draw.random() < 0.05:
        return draw.choice((fmt.lowest, fmt.lowest + 1, fmt.highest, fmt.highest - 1, 0, -1, 1))
    return draw.randint(fmt.lowest, fmt.highest) >> draw.randrange(fmt.bits)


def _words(fields: Sequence[np.ndarray], bits: int, lanes: int) -> list[int]:
    """Tokens of arrays [rows, features], a field each: value[lane][field], the first in the lowest bits."""
    mask = (1 << bits) - 1
    stacked = np.stack(np.broadcast_arrays(*fields), axis=-1)
    flat = stacked.reshape(-1, lanes * len(fields)).tolist()
    return [sum((value & mask) << place * bits for place, value in enumerate(token)) for token in flat]
