"""From a graph and its domain to number formats with measured errors."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.recorded import derivative_outputs
from inrarch.errors import UserError
from inrarch.graph.evaluate import evaluate
from inrarch.numeric.bittrue import simulate
from inrarch.numeric.calibration import largest_magnitudes
from inrarch.numeric.choose import Widths, choose_formats
from inrarch.numeric.formats import Formats, OutputError, dequantize
from inrarch.numeric.kinks import compared_values, differing_rows
from inrarch.numeric.samples import Real, chunks, to_feeds
from inrarch.numeric.view import name_of


@dataclass(slots=True)
class _Sums:
    """Running figures of one output."""

    worst: float = 0.0
    largest: float = 0.0
    squared_error: float = 0.0
    squared_reference: float = 0.0


def quantize(model: ir.Model, widths: Widths, calibration: Real, test: Real) -> Formats:
    """Formats chosen on `calibration` and judged on `test`, rows that it has not seen; both [rows, coordinates].

    model: a graph as optimize writes it. UserError as `choose_formats`, and for values that become NaN or infinite.
    """
    formats = choose_formats(model, largest_magnitudes(model, calibration), widths)
    return measure(model, formats, test)


def measure(model: ir.Model, formats: Formats, samples: Real) -> Formats:
    """The formats with errors of the bit-true outputs against float64 on the same graph, overflows and rows at a kink.

    Errors of derivatives leave out the rows at a kink, where they jump; values are judged on all rows.
    """
    names = [name_of(value) for value in model.graph.outputs]
    sums = {name: _Sums() for name in names}
    compared, derivatives = compared_values(model), derivative_outputs(model)
    wanted = list(dict.fromkeys([*names, *compared]))
    overflows = kinks = 0
    for feeds in chunks(model, to_feeds(model, samples)):
        reference = evaluate(model, feeds, wanted=wanted)
        result = simulate(model, formats, feeds, wanted=wanted)
        overflows += sum(result.overflows.values())
        rows = next(iter(feeds.values())).shape[:-1]
        kink = differing_rows(compared, rows, reference, result.values)
        kinks += int(kink.sum())
        for name in names:
            expected = reference[name]
            if not np.isfinite(expected).all():
                raise UserError("a test sample makes it NaN or infinite", place=f"output {name!r}")
            error = dequantize(result.values[name], formats.of(name)) - expected
            if name in derivatives and error.size % kink.size == 0:
                smooth = ~kink
                error = error.reshape(kink.size, -1)[smooth]
                expected = expected.reshape(kink.size, -1)[smooth]
            total = sums[name]
            total.worst = max(total.worst, float(np.abs(error).max(initial=0.0)))
            total.largest = max(total.largest, float(np.abs(expected).max(initial=0.0)))
            total.squared_error += float((error**2).sum())
            total.squared_reference += float((expected**2).sum())
    errors = {name: _output_error(total) for name, total in sums.items()}
    return replace(formats, errors=errors, overflows=overflows, samples=len(samples), kinks=kinks)


def _output_error(total: _Sums) -> OutputError:
    if total.largest == 0:
        wrong = float(total.worst > 0)
        return OutputError(total.worst, wrong, wrong)
    return OutputError(
        total.worst, total.worst / total.largest, float(np.sqrt(total.squared_error / total.squared_reference))
    )
