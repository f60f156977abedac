"""Operators that move, reduce and contract entries, in JAX; see `in_jax`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, nn
from onnx import numpy_helper


def sizes(array: Any) -> tuple[int, ...]:
    """A small integer operand as Python numbers."""
    return tuple(int(each) for each in np.asarray(array).reshape(-1))


def library(array: Any) -> Any:
    """Of numpy for arithmetic of shapes, else of JAX."""
    return np if isinstance(array, np.ndarray) else jnp


def reshape(data: Any, shape: Any) -> Any:
    return data.reshape([data.shape[axis] if size == 0 else size for axis, size in enumerate(sizes(shape))])


def cut(data: Any, starts: Any, ends: Any, axes: Any = None, steps: Any = None) -> Any:
    axes = range(len(sizes(starts))) if axes is None else sizes(axes)
    steps = [1] * len(sizes(starts)) if steps is None else sizes(steps)
    index: list[Any] = [slice(None)] * data.ndim
    for start, end, axis, step in zip(sizes(starts), sizes(ends), axes, steps, strict=True):
        index[axis] = slice(start, None if end < -data.shape[axis] else end, step)
    return data[tuple(index)]


def split(data: Any, lengths: Any = None, *, outputs: int, axis: int = 0, num_outputs: int = 0) -> Any:
    if lengths is None:
        return tuple(jnp.split(data, outputs, axis=axis))
    return tuple(jnp.split(data, np.cumsum(sizes(lengths))[:-1], axis=axis))


def pad(data: Any, pads: Any, value: Any = None, axes: Any = None, *, mode: str = "constant") -> Any:
    both = sizes(pads)
    widths = [(both[axis], both[axis + data.ndim]) for axis in range(data.ndim)]
    if mode != "constant":
        return jnp.pad(data, widths, mode=mode)
    return jnp.pad(data, widths, constant_values=0.0 if value is None else float(value))


def flatten(data: Any, axis: int = 1) -> Any:
    return data.reshape(int(np.prod(data.shape[:axis])), -1)


def filled(shape: Any, value: Any = None) -> Any:
    given = np.zeros(1, np.float32) if value is None else numpy_helper.to_array(value)
    return jnp.full(sizes(shape), given[0], dtype=jnp.float64 if given.dtype.kind == "f" else given.dtype)


def scatter(data: Any, indices: Any, updates: Any, *, reduction: str = "none") -> Any:
    place = data.at[tuple(np.moveaxis(np.asarray(indices), -1, 0))]
    return place.add(updates) if reduction == "add" else place.set(updates)


def gemm(
    a: Any, b: Any, c: Any = 0.0, *, alpha: float = 1.0, beta: float = 1.0, transA: int = 0, transB: int = 0
) -> Any:
    return alpha * (a.T if transA else a) @ (b.T if transB else b) + beta * c


def reduction(function: Any) -> Any:
    def rule(
        data: Any, axes: Any = None, *, keepdims: int = 1, noop_with_empty_axes: int = 0, **attributes: Any
    ) -> Any:
        axes = attributes.get("axes", None if axes is None else sizes(axes))
        if not axes:
            axes = () if noop_with_empty_axes else range(data.ndim)
        return function(data, axis=tuple(axes), keepdims=bool(keepdims))

    return rule


def norm_1(data: Any, **how: Any) -> Any:
    return jnp.sum(jnp.abs(data), **how)


def norm_2(data: Any, **how: Any) -> Any:
    return jnp.sqrt(jnp.sum(data * data, **how))


def layer_normalisation(x: Any, scale: Any, shift: Any = 0.0, *, axis: int = -1, epsilon: float = 1e-5) -> Any:
    axes = tuple(range(axis % x.ndim, x.ndim))
    variance = jnp.var(x, axis=axes, keepdims=True)
    return (x - jnp.mean(x, axis=axes, keepdims=True)) / jnp.sqrt(variance + epsilon) * scale + shift


def batch_normalisation(x: Any, scale: Any, shift: Any, mean: Any, variance: Any, *, epsilon: float = 1e-5) -> Any:
    scale, shift, mean, variance = (each.reshape(-1, *[1] * (x.ndim - 2)) for each in (scale, shift, mean, variance))
    return (x - mean) / np.sqrt(variance + epsilon) * scale + shift


def convolution(x: Any, w: Any, b: Any = None, *, strides: Any, dilations: Any, pads: Any, group: int) -> Any:
    rank = w.ndim - 2
    padding = list(zip(pads[:rank], pads[rank:], strict=True))
    y = lax.conv_general_dilated(x, jnp.asarray(w), strides, padding, rhs_dilation=dilations, feature_group_count=group)
    return y if b is None else y + b.reshape(-1, *[1] * rank)


def transposed_convolution(x: Any, w: Any, b: Any = None, *, output_padding: Any, **attributes: Any) -> Any:
    """As the transpose of the convolution whose kernel it is."""
    rank = w.ndim - 2
    strides, dilations, pads = attributes["strides"], attributes["dilations"], attributes["pads"]
    whole = [
        strides[k] * (x.shape[2 + k] - 1) + dilations[k] * (w.shape[2 + k] - 1) + 1 + output_padding[k]
        for k in range(rank)
    ]
    channels = w.shape[1] * attributes["group"]
    signal = jnp.zeros((x.shape[0], channels, *(whole[k] - pads[k] - pads[rank + k] for k in range(rank))))
    # the output padding widens the signal without a further result of the convolution
    forward = lambda s: convolution(s, w, **attributes)[tuple(slice(0, size) for size in x.shape)]  # noqa: E731
    (y,) = jax.linear_transpose(forward, signal)(x)
    return y if b is None else y + b.reshape(-1, *[1] * rank)


def transpose(data: Any, perm: Any = None) -> Any:
    return jnp.transpose(data, perm)


STRUCTURE: dict[str, Any] = {
    "Concat": lambda *operands, axis: library(operands[0]).concatenate(operands, axis=axis),
    "Split": split,
    "Slice": cut,
    "Reshape": reshape,
    "Flatten": flatten,
    "Transpose": transpose,
    "Unsqueeze": lambda data, axes: library(data).expand_dims(data, sizes(axes)),
    "Squeeze": lambda data, axes: library(data).squeeze(data, sizes(axes)),
    "Expand": lambda data, shape: jnp.broadcast_to(data, np.broadcast_shapes(data.shape, sizes(shape))),
    "Tile": lambda data, repeats: jnp.tile(data, sizes(repeats)),
    "Pad": pad,
    "Gather": lambda data, indices, axis=0: library(data).take(data, np.asarray(indices), axis=axis),
    "GatherND": lambda data, indices: data[tuple(np.moveaxis(indices, -1, 0))],
    "ScatterND": scatter,
    "Shape": lambda data: np.array(data.shape, dtype=np.int64),
    "ConstantOfShape": filled,
    "Range": lambda start, limit, step: np.arange(int(start), int(limit), int(step)),
    "MatMul": jnp.matmul,
    "Gemm": gemm,
    "Einsum": lambda *operands, equation: jnp.einsum(equation, *operands),
    "Conv": convolution,
    "ConvTranspose": transposed_convolution,
    "ReduceSum": reduction(jnp.sum),
    "ReduceMean": reduction(jnp.mean),
    "ReduceProd": reduction(jnp.prod),
    "ReduceMax": reduction(jnp.max),
    "ReduceMin": reduction(jnp.min),
    "ReduceL1": reduction(norm_1),
    "ReduceL2": reduction(norm_2),
    "ReduceSumSquare": reduction(lambda data, **how: jnp.sum(data * data, **how)),
    "ReduceLogSum": reduction(lambda data, **how: jnp.log(jnp.sum(data, **how))),
    "ReduceLogSumExp": reduction(lambda data, **how: jnp.log(jnp.sum(jnp.exp(data), **how))),
    "Softmax": lambda data, axis=-1: nn.softmax(data, axis=axis),
    "LogSoftmax": lambda data, axis=-1: nn.log_softmax(data, axis=axis),
    "LayerNormalization": layer_normalisation,
    "BatchNormalization": batch_normalisation,
}
