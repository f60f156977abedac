"""From a graph and its domain to number formats with measured errors."""

from __future__ import annotations

import onnx_ir as ir

from inrarch.numeric.calibration import largest_magnitudes
from inrarch.numeric.choose import Widths, choose_formats
from inrarch.numeric.formats import Formats
from inrarch.numeric.judge import Judge
from inrarch.numeric.samples import Real


def quantize(model: ir.Model, widths: Widths, calibration: Real, test: Real) -> Formats:
    """Formats chosen on `calibration` and judged on `test`, rows that it has not seen; both [rows, coordinates].

    model: a graph as optimize writes it. UserError as `choose_formats`, and for values that become NaN or infinite.
    """
    return measure(model, choose_formats(model, largest_magnitudes(model, calibration), widths), test)


def measure(model: ir.Model, formats: Formats, samples: Real) -> Formats:
    """The formats with their errors on samples [rows, coordinates], as `Judge.measure`."""
    return Judge(model, samples).measure(formats)
