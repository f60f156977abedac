"""ReduceMin: the smallest entry over axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from inrarch.derivatives.extrema import reverse, taylor
from inrarch.derivatives.reductions import reduction
from inrarch.ops.operator import Array, Hardware, Operator


def extreme(data: Array, axes: tuple[int, ...], keepdims: bool) -> Any:
    """numpy's min; over no entries, the limit of the type."""
    if data.size:
        return np.min(data, axis=axes, keepdims=keepdims)
    if data.dtype.kind == "b":
        limit: Any = True
    else:
        limit = np.inf if data.dtype.kind == "f" else np.iinfo(data.dtype).max
    return np.min(data, axis=axes, keepdims=keepdims, initial=limit)


OPERATOR = Operator(
    name="ReduceMin",
    evaluate=reduction(extreme),
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("reorder", written="Slice, Greater and Where"),
    smooth="piecewise: those of the smallest entry; where several are equal, the mean of theirs",
)
