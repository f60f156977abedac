"""LayerNormalization: mean 0 and variance 1 over the last axes, then scaled and shifted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.shaping import dims_or_refuse, reduce
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

EPSILON = 1e-5
"""ONNX's default."""


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The result, the mean, and one over the standard deviation."""
    x, scale, shift = present(inputs, 0), present(inputs, 1), optional(inputs, 2)
    axes = tuple(range(int(attributes.get("axis", -1)) % x.ndim, x.ndim))
    mean = np.mean(x, axis=axes, keepdims=True)
    centred = x - mean
    inverse = 1 / np.sqrt(np.mean(centred * centred, axis=axes, keepdims=True) + attributes.get("epsilon", EPSILON))
    result = centred * inverse * scale
    return (result if shift is None else result + shift), mean, inverse


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """ReduceMean, Sub, Mul, ReduceMean, Add, Sqrt, Div on one number per row, Mul, Mul, Add."""
    x, scale = application.operand(0).value, application.operand(1).value
    rank = len(dims_or_refuse(application, x))
    axes = range(int(application.attributes.get("axis", -1)) % rank, rank)
    mean = reduce(emit, "ReduceMean", x, axes, True)
    centred = emit.subtract(x, mean)
    variance = reduce(emit, "ReduceMean", emit.multiply(centred, centred), axes, True)
    epsilon = emit.number(float(application.attributes.get("epsilon", EPSILON)), x)
    deviation = emit.elementwise("Sqrt", emit.add(variance, epsilon))
    inverse = emit.elementwise("Div", emit.number(1, x), deviation)
    result = emit.multiply(emit.multiply(centred, inverse), scale)
    shift = application.optional(2)
    stash = ir.DataType(int(application.attributes.get("stash_type", ir.DataType.FLOAT)))
    statistics = [emit.cast(value, stash) for value in (mean, inverse)]  # whatever the type of the operand is
    return [result if shift is None else emit.add(result, shift.value), *statistics]


OPERATOR = Operator(
    name="LayerNormalization",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("reduce", written="ReduceSum, Mul, Pow and Add"),
    smooth=SMOOTH,
    decompose=decompose,
)
