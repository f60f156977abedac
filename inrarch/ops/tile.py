"""Tile: a tensor repeated along its axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.shaping import constant_of, dims_or_refuse, integers, reshape, stack, unsqueeze
from inrarch.graph.shapes import Dims, dims_of
from inrarch.ops.operator import BY_DECOMPOSITION, SMOOTH, Array, Hardware, Operator, by_decomposition, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """numpy's tile."""
    return (np.tile(present(inputs, 0), [int(count) for count in present(inputs, 1)]),)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """[n, m] -> [1, n, 1, m] -> [r, n, s, m] -> [r n, s m]: Unsqueeze, Expand, Reshape."""
    data, repeats = application.operand(0).value, application.operand(1).value
    dims = dims_or_refuse(application, data)
    counts = constant_of(repeats)
    if counts is not None and all(count == 1 for count in counts):
        return [emit.apply("Identity", (data,), dims=dims)]
    apart = unsqueeze(emit, data, range(0, 2 * len(dims), 2))
    sizes = [size for size in dims if isinstance(size, int)]
    if counts is not None and len(sizes) == len(dims):
        pairs: Dims = tuple(number for pair in zip(counts, sizes, strict=True) for number in pair)
        spread = integers(emit, _known(pairs), "shape")
        whole = integers(emit, np.multiply(counts, sizes).tolist(), "shape")
    else:
        pairs = (None,) * (2 * len(dims))
        shape = emit.shape(data)
        spread = reshape(emit, stack(emit, [repeats, shape], 1), (2 * len(dims),))
        whole = emit.multiply(repeats, shape)
    repeated = emit.apply("Expand", (apart, spread), dims=pairs)
    return [emit.apply("Reshape", (repeated, whole), dims=dims_of(application.output))]


def _known(dims: Dims) -> list[int]:
    return [size for size in dims if isinstance(size, int)]


OPERATOR = Operator(
    name="Tile",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("reorder"),
    smooth=SMOOTH,
    decompose=decompose,
)
