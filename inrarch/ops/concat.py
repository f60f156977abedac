"""Concat: join along an axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.indices import Index
from inrarch.derivatives.jet import Application, Coefficients, Jet
from inrarch.derivatives.shaping import cut, dims_or_refuse, integers
from inrarch.graph.shapes import Dims, dims_of, same_shape
from inrarch.ops.operator import SMOOTH, Array, Hardware, Operator


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """numpy's concatenate."""
    return (np.concatenate([array for array in inputs if array is not None], axis=attributes["axis"]),)


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """Join the coefficients; a piece without one contributes zeros."""
    jets = application.operands()
    return {
        index: _join(emit, jets, index, application)
        for index in application.indices
        if any(index in jet.coefficients for jet in jets)
    }


def _join(emit: Emitter, jets: Sequence[Jet], index: Index, application: Application) -> ir.Value:
    """Pieces of one row are joined as one row where all fit; otherwise every piece is expanded to its full shape."""
    axis = int(application.attributes["axis"])
    pieces = [jet.coefficients.get(index) for jet in jets]
    values = [jet.value for jet in jets]
    output = dims_of(application.output)
    thin = _thin_dims([piece for piece in pieces if piece is not None], output, axis)
    if thin is not None and all(_length(value, axis) is not None for value in values):
        fitted = [
            emit.full_along(piece, value, [axis]) if piece is not None else _thin_zeros(emit, value, thin, axis)
            for piece, value in zip(pieces, values, strict=True)
        ]
        if all(same_shape(_without(dims_of(piece), axis), _without(thin, axis)) for piece in fitted):
            return emit.apply("Concat", fitted, application.attributes, dims=thin)
    fitted = [
        emit.zeros(value) if piece is None else emit.full(piece, value)
        for piece, value in zip(pieces, values, strict=True)
    ]
    return emit.apply("Concat", fitted, application.attributes, dims=output)


def _thin_dims(pieces: Sequence[ir.Value], output: Dims | None, axis: int) -> Dims | None:
    """The shape of the result when all pieces agree off the axis and are smaller than the output there."""
    dims = [dims_of(piece) for piece in pieces]
    first = dims[0]
    if output is None or first is None or len(first) != len(output):
        return None
    if any(each is None or not same_shape(_without(each, axis), _without(first, axis)) for each in dims):
        return None
    joined = list(first)
    joined[axis] = output[axis]
    return tuple(joined) if all(isinstance(size, int) for size in _without(first, axis) or ()) else None


def _thin_zeros(emit: Emitter, value: ir.Value, thin: Dims, axis: int) -> ir.Value:
    sizes = [int(size or 0) if isinstance(size, int) else 0 for size in thin]
    sizes[axis] = _length(value, axis) or 0
    return emit.constant(np.zeros(sizes, dtype=value.dtype.numpy()), f"zeros_{'x'.join(map(str, sizes))}")


def _length(value: ir.Value, axis: int) -> int | None:
    dims = dims_of(value)
    size = None if dims is None else dims[axis]
    return size if isinstance(size, int) else None


def _without(dims: Dims | None, axis: int) -> Dims | None:
    if dims is None:
        return None
    axis %= len(dims)
    return dims[:axis] + dims[axis + 1 :]


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """The part of ȳ that each piece became; bounds that are not known when compiling are added up from the shapes."""
    axis = int(application.attributes["axis"]) % len(dims_or_refuse(application, application.output))
    values = [jet.value for jet in application.operands()]
    lengths = [_length(value, axis) for value in values]
    if None not in lengths:
        ends = np.cumsum([length or 0 for length in lengths]).tolist()
        return [cut(emit, adjoint, axis, end - (length or 0), end) for length, end in zip(lengths, ends, strict=True)]
    along = integers(emit, [axis], "bound")
    start = integers(emit, [0], "bound")
    parts: list[ir.Value | None] = []
    for value in values:
        bounds = {"start": axis, "end": axis + 1}
        length = emit.apply("Shape", (value,), bounds, dims=(1,), dtype=ir.DataType.INT64)
        end = emit.add(start, length)
        parts.append(emit.apply("Slice", (adjoint, start, end, along), dims=dims_of(value)))
        start = end
    return parts


OPERATOR = Operator(
    name="Concat",
    evaluate=evaluate,
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("reorder"),
    smooth=SMOOTH,
)
