"""Power series of operators that reduce, contract, cut and normalise: their part of the judge of `tests/series.py`.

A series has its powers along the first axis. Composite operators are written with other rules, from their definitions.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from tests.pointwise_series import exponential, logarithm, square_root
from tests.series import Rule, Series, axes_along, bilinear, divide, multiply, sum_of, total


def split(operands: list[Any], attributes: dict[str, Any]) -> tuple[Any, ...]:
    data, axis = operands[0], attributes.get("axis", 0)
    axis = axis % (data.ndim - 1) + 1
    if len(operands) > 1 and operands[1] is not None:
        borders = np.cumsum(operands[1])[:-1]
    else:
        size = -(-data.shape[axis] // attributes["num_outputs"])
        borders = np.arange(1, attributes["num_outputs"]) * size
    return tuple(np.split(data, borders, axis=axis))


def flatten(operands: list[Any], attributes: dict[str, Any]) -> Series:
    data, axis = operands[0], attributes.get("axis", 1)
    sizes = data.shape[1:]
    axis = axis + len(sizes) if axis < 0 else axis
    return data.reshape(len(data), int(np.prod(sizes[:axis])), int(np.prod(sizes[axis:])))


def filled(operands: list[Any], attributes: dict[str, Any]) -> Any:
    value = attributes["value"].numpy() if "value" in attributes else np.zeros(1, dtype=np.float32)
    result = np.full([int(size) for size in operands[0]], value.reshape(()))
    return result[None].astype(float) if result.dtype.kind == "f" else result


def fold(operands: list[Any], attributes: dict[str, Any], joined: Any) -> Series:
    """Entries along the reduced axes, one after the other, joined by a rule."""
    data = operands[0]
    axes = axes_along(operands, attributes)
    kept = [axis for axis in range(data.ndim) if axis not in axes]
    rows = data.transpose(*kept, *axes).reshape(*(data.shape[axis] for axis in kept), -1)
    result = rows[..., 0]
    for position in range(1, rows.shape[-1]):
        result = joined(result, rows[..., position])
    if attributes.get("keepdims", 1):
        result = result.reshape([1 if axis in axes else size for axis, size in enumerate(data.shape)])
    return result


def log_sum_exp(operands: list[Any], attributes: dict[str, Any]) -> Series:
    return logarithm(total([exponential(operands[0]), *operands[1:]], attributes))


def larger(sign: float) -> Any:
    return lambda a, b: np.where(sign * a[:1] >= sign * b[:1], a, b)


def along(data: Series, axis: int) -> Series:
    """Sum along an axis of the tensor, which stays with size 1."""
    return data.sum(axis=axis % (data.ndim - 1) + 1, keepdims=True)


def softmax(operands: list[Any], attributes: dict[str, Any]) -> Series:
    powers = exponential(operands[0])
    return divide(powers, along(powers, attributes.get("axis", -1)))


def layer_normalisation(operands: list[Any], attributes: dict[str, Any]) -> Series:
    data, scale, shift = [*operands, None][:3]
    axes = tuple(range(attributes.get("axis", -1) % (data.ndim - 1) + 1, data.ndim))
    centred = data - data.mean(axis=axes, keepdims=True)
    variance = multiply(centred, centred).mean(axis=axes, keepdims=True)
    variance[0] += attributes.get("epsilon", 1e-5)
    result = multiply(divide(centred, square_root(variance)), scale)
    return result if shift is None else sum_of(result, shift)


def batch_normalisation(operands: list[Any], attributes: dict[str, Any]) -> Series:
    data, scale, shift, mean, variance = operands
    shape = (-1, *[1] * (data.ndim - 3))
    factor = scale[0] / np.sqrt(variance[0] + attributes.get("epsilon", 1e-5))
    centred = data.copy()
    centred[0] -= mean[0].reshape(shape)
    result = centred * factor.reshape(shape)
    result[0] += shift[0].reshape(shape)
    return result


def einsum(operands: list[Any], attributes: dict[str, Any]) -> Series:
    """Each way to share a power among the factors."""
    order = len(operands[0])
    terms: list[Any] = [0.0] * order
    for powers in product(range(order), repeat=len(operands)):
        if sum(powers) < order:
            factors = [operand[power] for operand, power in zip(operands, powers, strict=True)]
            terms[sum(powers)] = terms[sum(powers)] + np.einsum(attributes["equation"].replace(" ", ""), *factors)
    return np.stack(terms)


def geometry(weight: Series, attributes: dict[str, Any]) -> tuple[list[int], list[int], list[int], int]:
    """Strides, dilations, pads (all before, all after), groups."""
    rank = weight.ndim - 3
    strides, dilations = attributes.get("strides", [1] * rank), attributes.get("dilations", [1] * rank)
    return list(strides), list(dilations), list(attributes.get("pads", [0] * (2 * rank))), attributes.get("group", 1)


def convolution(operands: list[Any], attributes: dict[str, Any]) -> Series:
    """y[n, m, i] = Σ_c Σ_j w[m, c, j] x[n, c, stride i + dilation j], channels in groups."""
    data, weight = operands[:2]
    strides, dilations, pads, groups = geometry(weight, attributes)
    rank = len(strides)
    data = np.pad(data, [(0, 0)] * 3 + [(pads[k], pads[rank + k]) for k in range(rank)])
    results, inside, *kernel = weight.shape[1:]
    sizes = [
        (size - dilation * (taps - 1) - 1) // stride + 1
        for size, dilation, taps, stride in zip(data.shape[3:], dilations, kernel, strides, strict=True)
    ]

    def plain(x: Any, w: Any) -> Any:
        out = np.zeros((x.shape[0], results, *sizes))
        for m, position, tap in product(range(results), np.ndindex(*sizes), np.ndindex(*kernel)):
            first = m // (results // groups) * inside
            at = tuple(s * i + d * j for s, i, d, j in zip(strides, position, dilations, tap, strict=True))
            out[(slice(None), m, *position)] += x[(slice(None), slice(first, first + inside), *at)] @ w[(m, ..., *tap)]
        return out

    return with_bias(bilinear(data, weight, plain), operands[2:])


def transposed_convolution(operands: list[Any], attributes: dict[str, Any]) -> Series:
    """x[n, c, i] is added, times w[c, m, j], to y[n, m, stride i + dilation j]; the pads are cut off."""
    data, weight = operands[:2]
    strides, dilations, pads, groups = geometry(weight, attributes)
    rank = len(strides)
    extra = attributes.get("output_padding", [0] * rank)
    channels, outside, *kernel = weight.shape[1:]
    sizes = data.shape[3:]
    whole = [strides[k] * (sizes[k] - 1) + dilations[k] * (kernel[k] - 1) + 1 + extra[k] for k in range(rank)]

    def plain(x: Any, w: Any) -> Any:
        out = np.zeros((x.shape[0], outside * groups, *whole))
        for c, position, tap in product(range(channels), np.ndindex(*sizes), np.ndindex(*kernel)):
            first = c // (channels // groups) * outside
            at = tuple(s * i + d * j for s, i, d, j in zip(strides, position, dilations, tap, strict=True))
            added = np.multiply.outer(x[(slice(None), c, *position)], w[(c, slice(None), *tap)])
            out[(slice(None), slice(first, first + outside), *at)] += added
        return out[(..., *(slice(pads[k], whole[k] - pads[rank + k]) for k in range(rank)))]

    return with_bias(bilinear(data, weight, plain), operands[2:])


def with_bias(result: Series, bias: list[Any]) -> Series:
    return sum_of(result, bias[0].reshape(len(result), -1, *[1] * (result.ndim - 3))) if bias else result


RULES: dict[str, Rule] = {
    "Split": split,
    "Flatten": flatten,
    "Tile": lambda o, _: np.tile(o[0], (1, *(int(count) for count in o[1]))),
    "ConstantOfShape": filled,
    "Range": lambda o, _: np.arange(*(float(each.reshape(-1)[0]) for each in o))[None],
    "Dropout": lambda o, _: o[0],
    "ReduceSumSquare": lambda o, a: total([multiply(o[0], o[0]), *o[1:]], a),
    "ReduceL1": lambda o, a: total([np.sign(o[0][:1]) * o[0], *o[1:]], a),
    "ReduceL2": lambda o, a: square_root(total([multiply(o[0], o[0]), *o[1:]], a)),
    "ReduceLogSum": lambda o, a: logarithm(total(o, a)),
    "ReduceLogSumExp": log_sum_exp,
    "ReduceProd": lambda o, a: fold(o, a, multiply),
    "ReduceMax": lambda o, a: fold(o, a, larger(1.0)),
    "ReduceMin": lambda o, a: fold(o, a, larger(-1.0)),
    "Softmax": softmax,
    "LogSoftmax": lambda o, a: logarithm(softmax(o, a)),
    "LayerNormalization": layer_normalisation,
    "BatchNormalization": batch_normalisation,
    "Einsum": einsum,
    "Conv": convolution,
    "ConvTranspose": transposed_convolution,
}
