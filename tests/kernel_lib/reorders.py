"""Random reorder units with streams, formats and data."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import onnx_ir as ir

from inrarch.boards import load_board
from inrarch.dataflow.element_maps import ElementMap
from inrarch.dataflow.kernels.reorder import Reorder
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.row_shapes import RowShape
from inrarch.dataflow.target import target_of
from inrarch.dataflow.units import Facts, Input
from inrarch.hardware.layout import Layout, Stream, Unit
from inrarch.numeric.formats import Format, Formats, TensorFormat


@dataclass(frozen=True)
class Case:
    """A unit between its streams. data: per tensor [rows, elements] integers; constant: of the initializer `c`."""

    unit: Reorder
    facts: Facts
    parallelism: Parallelism
    layout: Layout
    data: dict[str, np.ndarray]
    constant: np.ndarray

    @property
    def hardware(self) -> Unit:
        """The unit as `network.json` has it."""
        return self.layout.units[0]

    def expected(self) -> np.ndarray:
        """[rows, elements, fields]: each number rounded to the format of its field."""
        fields = [self._field(name, each) for name, each in zip(self.unit.makes, self.unit.maps, strict=True)]
        return np.stack(fields, axis=2)

    def _field(self, name: str, each: ElementMap) -> np.ndarray:
        formats, rows = self.facts.formats, self.facts.rows
        result = np.zeros((rows, len(each.source)), dtype=np.int64)
        for place, (source, element) in enumerate(zip(each.source, each.element, strict=True)):
            if source < 0:
                continue
            tensor = each.sources[source]
            taken = np.full(rows, self.constant[element]) if tensor == "c" else self.data[tensor][:, element]
            result[:, place] = rounded(taken, formats.of(tensor), formats.of(name))
        return result


def rounded(values: np.ndarray, given: Format, made: Format) -> np.ndarray:
    """Integers of a coarser format: to nearest, ties up, then clipped."""
    exact = np.floor(values / 2.0 ** (given.frac - made.frac) + 0.5)
    return np.clip(exact, made.lowest, made.highest).astype(np.int64)


def divisor(draw: random.Random, number: int) -> int:
    """A divisor of a number."""
    return draw.choice([d for d in range(1, number + 1) if number % d == 0])


def random_case(seed: int) -> Case:
    """Up to three inputs; every element of every field is drawn, so most maps are no ONNX operator's."""
    draw, numbers = random.Random(seed), np.random.default_rng(seed)
    bits, rows = draw.choice([8, 16, 24]), draw.randint(1, 4)
    data_format = TensorFormat("data", Format(bits, 6), 1.0)
    sizes: dict[int, int] = {}

    def shape() -> RowShape:
        found = RowShape(draw.randint(1, 3), draw.randint(1, 8))
        sizes.setdefault(found.features, divisor(draw, found.features))
        return found

    given = [shape() for _ in range(draw.randint(0, 3))]
    made = shape()
    inputs, data, tensors = [], {}, {}
    streams = []
    for number, each in enumerate(given):
        fields = tuple(f"t{number}_{k}" for k in range(draw.randint(1, 3)))
        inputs.append(Input(f"u{number}", fields))
        carried = (*fields, "unused") if draw.random() < 0.3 else fields
        width = sizes[each.features]
        name = f"s{number}"
        streams.append(
            Stream(name, bits * width * len(carried), f"u{number}", "r", each.features, width, carried, each.repeat)
        )
        for field in fields:
            fmt = Format(bits, 6 + draw.choice([0, 0, 1, 3]))
            tensors[field] = TensorFormat("data", fmt, 1.0)
            data[field] = numbers.integers(fmt.lowest, fmt.highest + 1, (rows, each.elements), dtype=np.int64)
    constant = numbers.integers(-100, 100, 5).astype(np.float64)
    tensors["c"] = TensorFormat("constant", Format(8, 0), 100.0)
    maps, makes = [], []
    for number in range(draw.randint(1, 3)):
        sources = draw.sample([*data, "c"], draw.randint(1, min(3, len(data) + 1)))
        choices = [
            (-1, 0) if draw.random() < 0.1 else (j, draw.randrange(5 if s == "c" else data[s].shape[1]))
            for _ in range(made.elements)
            for j, s in [draw.choice(list(enumerate(sources)))]
        ]
        maps.append(ElementMap(tuple(sources), tuple(s for s, _ in choices), tuple(e for _, e in choices)))
        makes.append(f"y{number}")
        tensors[f"y{number}"] = data_format if number else TensorFormat("data", Format(bits, 4), 1.0)
    unit = Reorder(
        name="r",
        features=made.features,
        repeat=made.repeat,
        inputs=tuple(inputs),
        given=tuple(given),
        makes=tuple(makes),
        maps=tuple(maps),
    )
    initializers = {"c": ir.Value(name="c", const_value=ir.Tensor(constant))}
    formats = Formats("fixed", bits, 18, 2, tensors)
    facts = Facts({}, initializers, formats, target_of(load_board("u50")), rows)
    parallelism = Parallelism({}, sizes)
    width = sizes[made.features]
    out = Stream("out", bits * width * len(makes), "r", "show", made.features, width, tuple(makes), made.repeat)
    parameters = unit.process(facts, parallelism, [stream.name for stream in streams], ["out"]).parameters
    layout = Layout(rows, (*streams, out), (Unit("r", "reorder", parameters),))
    integers = np.clip(constant, -128, 127).astype(np.int64)
    return Case(unit, facts, parallelism, layout, data, integers)
