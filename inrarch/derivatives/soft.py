"""What the soft maxima share: a shift that keeps exponentials from overflowing and has no derivatives."""

from __future__ import annotations

from collections.abc import Sequence

import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.shaping import reduce


def below(emit: Emitter, x: ir.Value, axes: Sequence[int]) -> ir.Value:
    """The whole number at or below the largest entry, with the reduced axes of size 1.

    Softmax and log Σ exp are the same for every shift, so its derivatives do not matter; those of Floor are 0.
    """
    return emit.elementwise("Floor", reduce(emit, "ReduceMax", x, axes, True))
