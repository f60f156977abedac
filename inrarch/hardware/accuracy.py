"""Error of the hardware's words against float64 on the derivative graph before any optimization."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from inrarch.derivatives.recorded import derivative_outputs
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.hardware.design import Design
from inrarch.hardware.vectors import Answers, Vectors, output_values
from inrarch.numeric.formats import OutputError
from inrarch.numeric.samples import chunks, to_feeds

Real = npt.NDArray[np.float64]


def output_errors(graph: Path, design: Design, vectors: Vectors, words: Answers) -> dict[str, OutputError]:
    """Error of every output, in the graph's order.

    graph: ONNX file whose outputs are the reference. vectors: their points are not rounded, so that the rounding of the
    inputs is part of the error; rows at a kink do not count for derivatives, which jump there, nor do
    batches with such a row for their sums.
    """
    model = load_model(graph)
    once = {output.tensor for output in design.outputs if output.once}
    features = {output.tensor: output.features for output in design.outputs}
    pieces: dict[str, list[Real]] = {str(value.name): [] for value in model.graph.outputs}
    for feeds in chunks(model, to_feeds(model, vectors.points)):
        for name, array in evaluate(model, feeds).items():
            pieces[name].append(array.reshape(-1, features[name]))
    found = output_values(design, words)
    derivatives = derivative_outputs(model)
    errors = {}
    for name, arrays in pieces.items():
        reference = np.concatenate(arrays)
        kinks = np.unique(vectors.kinks // design.rows) if name in once else vectors.kinks
        # Where every row is at a kink, all are judged: no figure must come from no rows.
        left_out = kinks if len(kinks) < len(reference) else kinks[:0]
        if name in derivatives:
            errors[name] = error_of(np.delete(found[name], left_out, 0), np.delete(reference, left_out, 0))
        else:
            errors[name] = error_of(found[name], reference)
    return errors


def error_of(found: Real, reference: Real) -> OutputError:
    """Largest and root-mean-square error; where the reference is 0 everywhere, the relative errors are 0 or 1."""
    error = found - reference
    worst, largest = float(np.abs(error).max()), float(np.abs(reference).max())
    if largest == 0:
        return OutputError(worst, float(worst > 0), float(worst > 0))
    return OutputError(worst, worst / largest, float(np.sqrt((error**2).sum() / (reference**2).sum())))
