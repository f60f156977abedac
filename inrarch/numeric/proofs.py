"""Formats and the bounds of what they hold: which tensors are proven never to overflow, and formats where all are."""

from __future__ import annotations

from dataclasses import replace

import onnx_ir as ir

from inrarch.numeric.arithmetic import NoFormatsError
from inrarch.numeric.bounds import find_bounds
from inrarch.numeric.cells import Box
from inrarch.numeric.choose import Widths, choose_formats
from inrarch.numeric.formats import Formats

_ROUNDS = 8
"""Of formats from bounds, and bounds of the network that is rounded so."""


def with_proofs(model: ir.Model, box: Box, formats: Formats) -> Formats:
    """The formats, in which it is noted which tensors are proven never to overflow."""
    proven = find_bounds(model, box, formats).proven
    tensors = {name: replace(tensor, proven=name in proven) for name, tensor in formats.tensors.items()}
    return replace(formats, tensors=tensors)


def proven_formats(model: ir.Model, box: Box, widths: Widths) -> Formats:
    """Formats whose ranges are bounds, without guard bits: no input of the box makes any tensor overflow.

    UserError for an operator without a rule, `NoFormatsError` where no formats of these widths are such.
    """
    peaks = dict(find_bounds(model, box).peaks)
    for _ in range(_ROUNDS):
        formats = choose_formats(model, peaks, replace(widths, guard_bits=0))
        found = find_bounds(model, box, formats)
        wider = [name for name in peaks if name not in found.proven]
        if not wider:
            return replace(formats, ranges="bounds")
        peaks |= {name: found.peaks[name] for name in wider}
    raise NoFormatsError(
        "rounding errors outgrow every bound",
        place=f"tensor {wider[0]!r}",
        expected="ranges that a bound can give",
        hint="set numeric.ranges: calibration, or more numeric.data_bits",
    )
