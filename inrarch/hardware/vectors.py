"""Test vectors of the C simulation: points of the domain, their integers, and what the hardware must answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

from inrarch.hardware.design import Design, OutputTensor
from inrarch.numeric.bittrue import simulate
from inrarch.numeric.formats import Format, Formats, dequantize, to_integers
from inrarch.numeric.kinks import rows_at_kinks
from inrarch.numeric.samples import to_feeds

INPUTS = "inputs.bin"
EXPECTED = "expected.bin"
EXPECTED_SUMS = "expected_sums.bin"
POINTS = "points.npy"
FIGURES = "vectors.json"

Words = npt.NDArray[np.int32]
Real = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Vectors:
    """Points of the domain and what became of them.

    points: float64 [points, coordinates]. rows: of the data files; all axes of a model input but the last are rows.
    saturations: values anywhere in the network that the bit-true model clipped by more than one LSB.
    kinks: int64, numbers of the rows at a kink (`inrarch.numeric.kinks`), in rising order.
    """

    points: Real
    rows: int
    saturations: int
    kinks: npt.NDArray[np.int64]


def write_vectors(model: ir.Model, formats: Formats, design: Design, points: Real, folder: Path) -> Vectors:
    """Write points.npy, vectors.json, inputs.bin, expected.bin (int32 [rows, words]): the bit-true model's.

    Of a design with sums over the batch, also expected_sums.bin (int32 [invocations, words]).
    """
    folder.mkdir(parents=True, exist_ok=True)
    feeds = to_feeds(model, points)
    answers = simulate(model, formats, feeds, wanted=[output.tensor for output in design.outputs])
    columns = [
        to_integers(feeds[port.tensor].reshape(-1, port.features), Format(port.bits, port.frac))
        for port in design.inputs
    ]
    inputs = np.concatenate(columns, axis=1)
    kinks = rows_at_kinks(model, formats, feeds)
    vectors = Vectors(points, len(inputs), sum(answers.overflows.values()), kinks)
    expected = np.zeros((vectors.rows, design.output_words), dtype=np.int64)
    sums = np.zeros((vectors.rows // design.rows, design.sum_words), dtype=np.int64)
    for output in design.outputs:
        # The answer has one row where it does not depend on the input: it is the same in every row.
        table = sums if output.once else expected
        table[:, design.words_of(output)] = answers.values[output.tensor].reshape(-1, output.features)
    np.save(folder / POINTS, points)
    inputs.astype("<i4").tofile(folder / INPUTS)
    expected.astype("<i4").tofile(folder / EXPECTED)
    if design.sum_words:
        sums.astype("<i4").tofile(folder / EXPECTED_SUMS)
    figures = {"rows": vectors.rows, "saturations": vectors.saturations, "kinks": kinks.tolist()}
    (folder / FIGURES).write_text(json.dumps(figures) + "\n", encoding="utf-8")
    return vectors


def load_vectors(folder: Path) -> Vectors:
    """What `write_vectors` wrote, without the words."""
    figures = json.loads((folder / FIGURES).read_text(encoding="utf-8"))
    points = np.load(folder / POINTS, allow_pickle=False)
    kinks = np.array(figures["kinks"], dtype=np.int64)
    return Vectors(points, figures["rows"], figures["saturations"], kinks)


@dataclass(frozen=True, slots=True)
class Answers:
    """Words of all outputs: of each row int32 [rows, output_words], of sums over the batch [invocations, sum_words]."""

    rows: Words
    sums: Words

    def of(self, output: OutputTensor) -> Words:
        """The table with the words of an output."""
        return self.sums if output.once else self.rows


def read_answers(design: Design, folder: Path, stem: str) -> Answers:
    """The files `stem`.bin (`expected` or `outputs`) and, where there are sums over the batch, `stem`_sums.bin."""
    rows, sums = np.zeros((0, design.output_words), np.int32), np.zeros((0, design.sum_words), np.int32)
    if design.output_words:
        rows = np.fromfile(folder / f"{stem}.bin", dtype="<i4").reshape(-1, design.output_words)
    if design.sum_words:
        sums = np.fromfile(folder / f"{stem}_sums.bin", dtype="<i4").reshape(-1, design.sum_words)
    return Answers(rows, sums)


def output_values(design: Design, words: Answers) -> dict[str, Real]:
    """Every output tensor as float64 [rows, features] (of a sum over the batch [invocations, features])."""
    values = {}
    for output in design.outputs:
        integers = words.of(output)[:, design.words_of(output)].astype(np.int64)
        values[output.tensor] = dequantize(integers, Format(output.bits, output.frac))
    return values
