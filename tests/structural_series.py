"""Power series of structural operators and reductions: the part of the judge of `tests/series.py` for them.

A series has its powers along the first axis, so that axis k of a tensor is axis k + 1 of its series.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from tests.pointwise_series import exponential, logarithm, square_root
from tests.series import Series, bilinear, divide, multiply, sum_of

Rule = Callable[[list[Any], dict[str, Any]], Any]


def axes_along(operands: list[Any], attributes: dict[str, Any]) -> tuple[int, ...]:
    """The axes of a reduction, as axes of the series."""
    rank = operands[0].ndim - 1
    listed = operands[1] if len(operands) > 1 and operands[1] is not None else []
    if len(listed) == 0:
        listed = [] if attributes.get("noop_with_empty_axes") else range(rank)
    return tuple(sorted(int(axis) % rank + 1 for axis in listed))


def total(operands: list[Any], attributes: dict[str, Any]) -> Series:
    return operands[0].sum(axis=axes_along(operands, attributes), keepdims=bool(attributes.get("keepdims", 1)))


def mean(operands: list[Any], attributes: dict[str, Any]) -> Series:
    return operands[0].mean(axis=axes_along(operands, attributes), keepdims=bool(attributes.get("keepdims", 1)))


def unsqueeze(operands: list[Any], attributes: dict[str, Any]) -> Series:
    rank = operands[0].ndim - 1 + len(operands[1])
    return np.expand_dims(operands[0], tuple(int(axis) % rank + 1 for axis in operands[1]))


def squeeze(operands: list[Any], attributes: dict[str, Any]) -> Series:
    sizes = operands[0].shape[1:]
    axes = operands[1] if len(operands) > 1 else [axis for axis, size in enumerate(sizes) if size == 1]
    return np.squeeze(operands[0], tuple(int(axis) % len(sizes) + 1 for axis in axes))


def pad(operands: list[Any], attributes: dict[str, Any]) -> Series:
    data, pads = operands[:2]
    axes = operands[3] if len(operands) > 3 else range(data.ndim - 1)
    widths = [(0, 0)] * data.ndim
    for position, axis in enumerate(axes):
        widths[int(axis) % (data.ndim - 1) + 1] = pads[position], pads[position + len(axes)]
    data = data[tuple(slice(max(0, -a), size - max(0, -b)) for (a, b), size in zip(widths, data.shape, strict=True))]
    widths = [(max(0, int(a)), max(0, int(b))) for a, b in widths]
    mode = attributes.get("mode", "constant")
    if mode != "constant":
        return np.pad(data, widths, mode=mode)
    fill = operands[2][0] if len(operands) > 2 and operands[2] is not None else 0.0
    start = np.pad(data[:1], widths, constant_values=fill)
    return np.concatenate([start, np.pad(data[1:], widths)])


def gather(operands: list[Any], attributes: dict[str, Any]) -> Series:
    return np.stack([np.take(each, operands[1], axis=attributes.get("axis", 0)) for each in operands[0]])


def gather_nd(operands: list[Any], attributes: dict[str, Any]) -> Series:
    return np.stack([each[tuple(np.moveaxis(operands[1], -1, 0))] for each in operands[0]])


def scatter_nd(operands: list[Any], attributes: dict[str, Any]) -> Series:
    result = operands[0].copy()
    for place in np.ndindex(*operands[1].shape[:-1]):
        chosen = (slice(None), *operands[1][place])
        update = operands[2][(slice(None), *place)]
        result[chosen] = result[chosen] + update if attributes.get("reduction") == "add" else update
    return result


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


def larger(sign: float) -> Any:
    return lambda a, b: np.where(sign * a[:1] >= sign * b[:1], a, b)


def sum_of_squares(operands: list[Any], attributes: dict[str, Any]) -> Series:
    return total([multiply(operands[0], operands[0]), *operands[1:]], attributes)


def softmax(operands: list[Any], attributes: dict[str, Any]) -> Series:
    powers = exponential(operands[0])
    rank = powers.ndim - 1
    return divide(powers, powers.sum(axis=attributes.get("axis", -1) % rank + 1, keepdims=True))


def layer_normalization(operands: list[Any], attributes: dict[str, Any]) -> tuple[Series, Series, Series]:
    x, rank = operands[0], operands[0].ndim - 1
    axes = tuple(range(attributes.get("axis", -1) % rank + 1, rank + 1))
    middle = x.mean(axis=axes, keepdims=True)
    variance = multiply(x - middle, x - middle).mean(axis=axes, keepdims=True)
    variance[0] += attributes.get("epsilon", 1e-5)
    deviation = square_root(variance)
    result = multiply(divide(x - middle, deviation), operands[1])
    inverse = divide(np.eye(1, len(x)).reshape(-1, *[1] * rank), deviation)
    return (sum_of(result, operands[2]) if len(operands) > 2 else result), middle, inverse


def batch_normalization(operands: list[Any], attributes: dict[str, Any]) -> Series:
    x = operands[0]
    scale, shift, middle, variance = (each.reshape(len(x), 1, -1, *[1] * (x.ndim - 3)) for each in operands[1:])
    variance = variance.copy()
    variance[0] += attributes.get("epsilon", 1e-5)
    return sum_of(multiply(divide(x - middle, square_root(variance)), scale), shift)


def split(operands: list[Any], attributes: dict[str, Any]) -> tuple[Series, ...]:
    data = operands[0]
    axis = attributes.get("axis", 0) % (data.ndim - 1) + 1
    if len(operands) > 1:
        return tuple(np.split(data, np.cumsum(operands[1])[:-1], axis=axis))
    length = -(-data.shape[axis] // attributes["num_outputs"])
    return tuple(np.split(data, range(length, data.shape[axis], length), axis=axis))


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
    pads = list(attributes.get("pads", [0] * (2 * rank)))
    if attributes.get("auto_pad") == "SAME_UPPER":  # with strides and dilations of 1
        pads = [(taps - 1) // 2 for taps in weight.shape[3:]] + [taps // 2 for taps in weight.shape[3:]]
    return list(strides), list(dilations), pads, attributes.get("group", 1)


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


def tile(operands: list[Any], attributes: dict[str, Any]) -> Series:
    return np.stack([np.tile(each, operands[1]) for each in operands[0]])


def flatten(operands: list[Any], attributes: dict[str, Any]) -> Series:
    data, axis = operands[0], attributes.get("axis", 1)
    return data.reshape(len(data), int(np.prod(data.shape[1 : axis + 1])), -1)


def filled(operands: list[Any], attributes: dict[str, Any]) -> Any:
    value = attributes["value"].numpy() if "value" in attributes else np.zeros(1, dtype=np.float32)
    result = np.full([int(size) for size in operands[0]], value.reshape(()))
    return result[None].astype(float) if result.dtype.kind == "f" else result


RULES: dict[str, Rule] = {
    "ReduceSum": total,
    "ReduceMean": mean,
    "Unsqueeze": unsqueeze,
    "Squeeze": squeeze,
    "Pad": pad,
    "Gather": gather,
    "GatherND": gather_nd,
    "ScatterND": scatter_nd,
    "ReduceL1": lambda o, a: total([np.sign(o[0][:1]) * o[0], *o[1:]], a),
    "ReduceL2": lambda o, a: square_root(sum_of_squares(o, a)),
    "ReduceSumSquare": sum_of_squares,
    "ReduceLogSum": lambda o, a: logarithm(total(o, a)),
    "ReduceLogSumExp": lambda o, a: logarithm(total([exponential(o[0]), *o[1:]], a)),
    "ReduceMax": lambda o, a: fold(o, a, larger(1.0)),
    "ReduceMin": lambda o, a: fold(o, a, larger(-1.0)),
    "ReduceProd": lambda o, a: fold(o, a, multiply),
    "Softmax": softmax,
    "LogSoftmax": lambda o, a: logarithm(softmax(o, a)),
    "LayerNormalization": layer_normalization,
    "BatchNormalization": batch_normalization,
    "Dropout": lambda o, _: o[0],
    "Split": split,
    "Flatten": flatten,
    "Tile": tile,
    "ConstantOfShape": filled,
    "Range": lambda o, _: np.arange(*(float(each.reshape(-1)[0]) for each in o))[None],
    "Einsum": einsum,
    "Conv": convolution,
    "ConvTranspose": transposed_convolution,
}
