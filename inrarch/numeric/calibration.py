"""Ranges of all values of a graph, from its float64 evaluation on samples."""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

from inrarch.errors import UserError
from inrarch.graph.evaluate import evaluate
from inrarch.numeric.poles import Poles
from inrarch.numeric.samples import Real, chunks, to_feeds


def largest_magnitudes(model: ir.Model, samples: Real) -> dict[str, float]:
    """max|value| over all samples, for the inputs and every float value of the graph.

    samples: [rows, coordinates] float64. UserError naming the first tensor of the graph that becomes NaN or infinite,
    or whose reciprocal has its pole within what the samples show.
    """
    names = [str(v.name) for node in model.graph for v in node.outputs if v.name]
    largest: dict[str, float] = {}
    poles = Poles(model)
    for feeds in chunks(model, to_feeds(model, samples)):
        values = {**feeds, **evaluate(model, feeds, wanted=names)}
        for name in (*feeds, *names):
            array = values[name]
            if array.dtype.kind != "f":
                continue
            peak = float(np.abs(array).max(initial=0.0))
            if not np.isfinite(peak):
                raise UserError(
                    f"calibration makes it {'NaN' if np.isnan(array).any() else 'infinite'}",
                    place=f"tensor {name!r}",
                    hint="look at the model's weights, or narrow the domain to where the network is defined",
                )
            largest[name] = max(peak, largest.get(name, 0.0))
        poles.see(values)
    return largest
