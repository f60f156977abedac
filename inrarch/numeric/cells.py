"""The domain's box, cut into cells that are bounded one by one."""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

from inrarch.numeric import interval
from inrarch.numeric.interval import Bound
from inrarch.numeric.samples import Real
from inrarch.numeric.view import name_of

CELLS = 256
"""At most this many cells, equally many along every coordinate."""

Box = tuple[Real, Real]
"""Lower and upper bounds [coordinates]."""


def cell_bounds(model: ir.Model, box: Box) -> dict[str, Bound]:
    """The inputs' bounds, one row per cell. Points of further axes may lie anywhere: there is one cell then."""
    coordinates = len(box[0])
    shapes = [list(value.shape or ()) for value in model.graph.inputs]
    batches = [shape[0] for shape in shapes if shape and isinstance(shape[0], int)]
    single = bool(batches) or any(len(shape) > 2 for shape in shapes)
    parts = 1 if single else max(1, int(CELLS ** (1 / coordinates) + 1e-9))
    axes = [np.linspace(low, high, parts + 1) for low, high in zip(*box, strict=True)]
    lows = np.stack(np.meshgrid(*(axis[:-1] for axis in axes), indexing="ij"), -1).reshape(-1, coordinates)
    highs = np.stack(np.meshgrid(*(axis[1:] for axis in axes), indexing="ij"), -1).reshape(-1, coordinates)
    found: dict[str, Bound] = {}
    first = 0
    for value, shape in zip(model.graph.inputs, shapes, strict=True):
        width = int(shape[-1])
        full = (
            batches[0] if batches else len(lows),
            *(size if isinstance(size, int) else 1 for size in shape[1:-1]),
            width,
        )
        low, high = (
            np.broadcast_to(each[:, first : first + width].reshape(len(each), *[1] * (len(shape) - 2), width), full)
            for each in (lows, highs)
        )
        found[name_of(value)] = interval.exact(low, high)
        first += width
    return found
