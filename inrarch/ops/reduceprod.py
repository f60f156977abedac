"""ReduceProd: the product over axes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.reductions import axes_of, keeps_dims, reduction
from inrarch.derivatives.shaping import cut, dims_or_refuse, squeeze, unsupported
from inrarch.ops.operator import BY_DECOMPOSITION, SMOOTH, Hardware, Operator, by_decomposition


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """Products of halves, along one axis after the other."""
    value, axes = application.operand(0).value, axes_of(application)
    dims = dims_or_refuse(application, value)
    for axis in axes:
        size = dims[axis]
        if not isinstance(size, int):
            raise unsupported(application, "the size of a reduced axis is not known", "known sizes of the reduced axes")
        if size == 0:
            raise unsupported(application, "a reduced axis has no entries", "sizes of at least 1")
        value = _product(emit, value, axis, size)
    return [value if keeps_dims(application) else squeeze(emit, value, axes)]


def _product(emit: Emitter, value: ir.Value, axis: int, size: int) -> ir.Value:
    rest: ir.Value | None = None  # the last entry of an odd number of them
    while size > 1:
        if size % 2:
            last = cut(emit, value, axis, size - 1, size)
            rest = last if rest is None else emit.multiply(rest, last)
        half = size // 2
        value = emit.multiply(cut(emit, value, axis, 0, half), cut(emit, value, axis, half, 2 * half))
        size = half
    return value if rest is None else emit.multiply(value, rest)


OPERATOR = Operator(
    name="ReduceProd",
    evaluate=reduction(lambda data, axes, keepdims: np.prod(data, axis=axes, keepdims=keepdims, dtype=data.dtype)),
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("reorder", written="Slice and Mul"),
    smooth=SMOOTH,
    decompose=decompose,
)
