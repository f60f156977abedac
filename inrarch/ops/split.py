"""Split: parts of a tensor along an axis, of given lengths or of equal ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.shaping import constant_of, cut, dims_or_refuse, unsupported
from inrarch.ops.operator import (
    BY_DECOMPOSITION,
    SMOOTH,
    Array,
    Hardware,
    Operator,
    by_decomposition,
    optional,
    present,
)


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """numpy's split."""
    data, lengths, axis = present(inputs, 0), optional(inputs, 1), int(attributes.get("axis", 0))
    listed = _equal(data.shape[axis], int(attributes["num_outputs"])) if lengths is None else lengths.tolist()
    return tuple(np.split(data, np.cumsum(listed)[:-1].tolist(), axis=axis))


def _equal(size: int, parts: int) -> list[int]:
    """Lengths that differ in the last part only."""
    length = -(-size // parts)
    return [max(0, min(length, size - length * part)) for part in range(parts)]


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """One Slice for each part."""
    data = application.operand(0).value
    dims = dims_or_refuse(application, data)
    axis = int(application.attributes.get("axis", 0)) % len(dims)
    given = application.optional(1)
    size = dims[axis]
    if given is not None:
        lengths = constant_of(given.value)
        if lengths is None:
            raise unsupported(application, "the lengths of its parts are computed", "constant lengths")
    elif isinstance(size, int):
        lengths = _equal(size, int(application.attributes["num_outputs"]))
    else:
        raise unsupported(application, f"the size of axis {axis} is not known", "a known size, or lengths")
    ends = [0, *np.cumsum(lengths).tolist()]
    return [cut(emit, data, axis, start, end) for start, end in pairwise(ends)]


OPERATOR = Operator(
    name="Split",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("reorder", written="Slice"),
    smooth=SMOOTH,
    decompose=decompose,
)
