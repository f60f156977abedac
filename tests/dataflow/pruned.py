"""Networks with zeros in their weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

Array = np.ndarray[Any, Any]


def by_magnitude(share: float) -> Callable[[Array], Array]:
    """The smallest `share` of the numbers become exactly zero."""

    def prune(array: Array) -> Array:
        return np.where(np.abs(array) <= np.quantile(np.abs(array), share), np.zeros_like(array), array)

    return prune


def whole(share: float, axis: int) -> Callable[[Array], Array]:
    """`share` of the rows (0) or columns (1) of the array become zero, spread over it."""

    def prune(array: Array) -> Array:
        kept = np.arange(array.shape[axis]) * (1 - share) % 1 < 1 - share
        return np.where(kept[:, None] if axis == 0 else kept, array, np.zeros_like(array))

    return prune


def pruned(model: onnx.ModelProto, prune: Callable[[Array], Array]) -> onnx.ModelProto:
    """The model with `prune` applied to all hidden weights (neither side of up to three features)."""
    for tensor in model.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.ndim == 2 and min(array.shape) > 3:
            tensor.CopyFrom(numpy_helper.from_array(prune(array), tensor.name))
    return model
