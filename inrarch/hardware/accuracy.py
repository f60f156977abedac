"""Error of the hardware's words against float64 on the derivative graph before any optimization."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.hardware.design import Design
from inrarch.hardware.vectors import Words, output_values
from inrarch.numeric.formats import OutputError
from inrarch.numeric.samples import chunks, to_feeds

Real = npt.NDArray[np.float64]


def output_errors(graph: Path, design: Design, points: Real, words: Words) -> dict[str, OutputError]:
    """Error of every output, in the graph's order.

    graph: ONNX file whose outputs are the reference. points: float64 [points, coordinates], not rounded: the rounding
    of the inputs is part of the error. words: int32 [rows, design.output_words].
    """
    model = load_model(graph)
    pieces: dict[str, list[Real]] = {str(value.name): [] for value in model.graph.outputs}
    for feeds in chunks(model, to_feeds(model, points)):
        for name, array in evaluate(model, feeds).items():
            pieces[name].append(array.reshape(-1, array.shape[-1]))
    found = output_values(design, words)
    return {name: error_of(found[name], np.concatenate(arrays)) for name, arrays in pieces.items()}


def error_of(found: Real, reference: Real) -> OutputError:
    """Largest and root-mean-square error; where the reference is 0 everywhere, the relative errors are 0 or 1."""
    error = found - reference
    worst, largest = float(np.abs(error).max()), float(np.abs(reference).max())
    if largest == 0:
        return OutputError(worst, float(worst > 0), float(worst > 0))
    return OutputError(worst, worst / largest, float(np.sqrt((error**2).sum() / (reference**2).sum())))
