"""Steps that contract entries of the tail with weights or with each other, and normalisations."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.fuzz.builder import Builder, Step, Tensor


def matmul(b: Builder, t: Tensor) -> None:
    """Weights on the right or the left, or a value with its own transpose."""
    if not t.tail:
        return
    kind, width = b.integer(0, 2), b.integer(1, 4)
    if kind == 0 or len(t.tail) < 2:
        shape = (t.tail[-1], width)
        b.add("MatMul", [t.name, b.uniform(shape)], (*t.tail[:-1], width), t.bound * t.tail[-1])
    elif kind == 1:
        shape = (width, t.tail[-2])
        b.add("MatMul", [b.uniform(shape), t.name], (*t.tail[:-2], width, t.tail[-1]), t.bound * t.tail[-2])
    else:
        rank = len(b.rows) + len(t.tail)
        turned = b.node("Transpose", [t.name], perm=[*range(rank - 2), rank - 1, rank - 2])
        b.add("MatMul", [t.name, turned], (*t.tail[:-1], t.tail[-2]), t.bound**2 * t.tail[-1])


def gemm(b: Builder, t: Tensor) -> None:
    if len(b.rows) + len(t.tail) != 2 or not t.tail:
        return
    columns, turned = b.integer(1, 4), b.integer(0, 1)
    shape = (t.tail[-1], columns)
    operands = [t.name, b.uniform(shape[::-1] if turned else shape)]
    if b.chance(0.6):
        operands.append(b.uniform(b.choose([(), (columns,), (1, columns)])))
    tail = (*t.tail[:-1], columns)
    attributes: dict[str, Any] = {"alpha": 0.5, "beta": 2.0} if b.chance(0.3) else {}
    b.add("Gemm", operands, tail, t.bound * t.tail[-1] + 2, transB=turned, **attributes)


def through_columns(b: Builder, t: Tensor) -> None:
    """W xᵀ, turned back: rows are columns for a while."""
    if b.rows != ("N",) or len(t.tail) != 1:
        return
    width = b.integer(1, 4)
    columns = b.node("Transpose", [t.name], perm=[1, 0])
    product = b.node("MatMul", [b.uniform((width, t.tail[0])), columns])
    b.add("Transpose", [product], (width,), t.bound * t.tail[0], perm=[1, 0])


def all_rows_at_once(b: Builder, t: Tensor) -> None:
    """Two axes of rows made one, a layer, and two again."""
    if len(b.rows) != 2 or len(t.tail) != 1:
        return
    width = b.integer(1, 4)
    flat = b.node("Reshape", [t.name, b.integers(-1, t.tail[0])])
    layer = b.node("Gemm", [flat, b.uniform((t.tail[0], width)), b.uniform((width,))])
    b.add("Reshape", [layer, b.integers(-1, 2, width)], (width,), t.bound * t.tail[0] + 1)


def einsum(b: Builder, t: Tensor) -> None:
    """Letters n, m stand for rows, i, j, … for the tail."""
    rows, letters = "nm"[: len(b.rows)], "ijkl"[: len(t.tail)]
    if not letters:
        return
    own, last, size = rows + letters, letters[-1], t.tail[-1]
    width, kind = b.integer(1, 3), b.integer(0, 5)
    if kind == 0:
        weight = b.uniform((size, width))
        equation = f"...{last},{last}z->...z" if b.chance(0.5) else f"{own},{last}z->{own[:-1]}z"
        b.add("Einsum", [t.name, weight], (*t.tail[:-1], width), t.bound * size, equation=equation)
    elif kind == 1:
        weight = b.uniform(t.tail)
        total = t.bound * float(np.prod(t.tail))
        b.add("Einsum", [t.name, weight], (), total, equation=f"{own},{letters}->{rows}")
    elif kind == 2:
        same = [each for each in b.pool if each.tail == t.tail]
        other = b.choose(same)
        bound = t.bound * other.bound * size
        b.add("Einsum", [t.name, other.name], t.tail[:-1], bound, equation=f"{own},{own}->{own[:-1]}")
    elif kind == 3:
        b.add("Einsum", [t.name], t.tail[:-1], t.bound * size, equation=f"{own}->{own[:-1]}")
    elif kind == 4:
        b.add("Einsum", [t.name], t.tail[::-1], t.bound, equation=f"{own}->{rows}{letters[::-1]}")
    else:
        flat = [each for each in b.pool if len(each.tail) == 1]
        if flat and len(t.tail) == 1:
            other = b.choose(flat)
            equation = f"{own},{rows}z->{own}z"
            b.add("Einsum", [t.name, other.name], t.tail + other.tail, t.bound * other.bound, equation=equation)


def convolution(b: Builder, t: Tensor) -> None:
    """One or two axes; channels are the first axis of the tail."""
    if len(b.rows) != 1 or len(t.tail) not in (2, 3):
        return
    channels, *sizes = t.tail
    group = b.choose([1, channels])
    dilations, strides = ([b.integer(1, 2) for _ in sizes] for _ in range(2))
    kernel = [b.integer(1, min(3, size)) for size in sizes]
    before, after = ([b.integer(0, 2) for _ in sizes] for _ in range(2))
    shapes = list(zip(sizes, before, after, dilations, kernel, strides, strict=True))
    spare = [size + p + q - d * (k - 1) - 1 for size, p, q, d, k, _ in shapes]
    if min(spare) < 0:
        return
    results = group * b.integer(1, 2)
    operands = [t.name, b.uniform((results, channels // group, *kernel))]
    if b.chance(0.5):
        operands.append(b.uniform((results,)))
    tail = (results, *(left // stride + 1 for left, stride in zip(spare, strides, strict=True)))
    bound = t.bound * float(np.prod(kernel)) * channels // group + 1
    attributes = {"dilations": dilations, "strides": strides, "pads": [*before, *after], "group": group}
    b.add("Conv", operands, tail, bound, **attributes)


def transposed_convolution(b: Builder, t: Tensor) -> None:
    if len(b.rows) != 1 or len(t.tail) != 2:
        return
    channels, length = t.tail
    group = b.choose([1, channels])
    kernel, stride, dilation = b.integer(1, 3), b.integer(1, 2), b.integer(1, 2)
    extra = b.integer(0, max(stride, dilation) - 1)
    each = b.integer(1, 2)
    whole = stride * (length - 1) + dilation * (kernel - 1) + 1 + extra
    pads = [1, 0] if whole > 1 and b.chance(0.5) else [0, 0]
    operands = [t.name, b.uniform((channels, each, kernel))]
    if b.chance(0.5):
        operands.append(b.uniform((each * group,)))
    attributes = {"strides": [stride], "dilations": [dilation], "pads": pads, "group": group, "output_padding": [extra]}
    bound = t.bound * kernel * channels + 1
    b.add("ConvTranspose", operands, (each * group, whole - sum(pads)), bound, **attributes)


def batch_normalisation(b: Builder, t: Tensor) -> None:
    if len(b.rows) != 1 or not t.tail:
        return
    shape = t.tail[:1]
    statistics = [b.uniform(shape), b.uniform(shape), b.uniform(shape), b.uniform(shape, 0.5, 2.0)]
    b.add("BatchNormalization", [t.name, *statistics], t.tail, 2 * t.bound + 3)


def softmax(operator: str) -> Step:
    def add(b: Builder, t: Tensor) -> None:
        position = b.position(t) if t.tail else 0
        if t.tail and t.tail[position] > 1:  # the logarithm of a lone share is 0 but for rounding: it has no sign
            b.add(operator, [t.name], t.tail, 2 * t.bound + 3, axis=b.axis(t, position))

    return Step((operator,), add)


def layer_normalisation(b: Builder, t: Tensor) -> None:
    if not t.tail:
        return
    position = b.position(t)
    shape = t.tail[position:]
    operands = [t.name, b.uniform(shape)] + ([b.uniform(shape)] if b.chance(0.6) else [])
    bound = float(np.prod(shape)) ** 0.5 + 1
    b.add("LayerNormalization", operands, t.tail, bound, axis=b.axis(t, position), epsilon=0.125)


STEPS = (
    Step(("MatMul", "Transpose"), matmul),
    Step(("MatMul", "Transpose"), matmul),
    Step(("Gemm",), gemm),
    Step(("Gemm",), gemm),
    Step(("MatMul", "Transpose"), through_columns),
    Step(("Gemm", "Reshape"), all_rows_at_once),
    Step(("Einsum",), einsum),
    Step(("Einsum",), einsum),
    Step(("Conv",), convolution),
    Step(("Conv",), convolution),
    Step(("ConvTranspose",), transposed_convolution),
    Step(("BatchNormalization",), batch_normalisation, 15),
    softmax("Softmax"),
    softmax("LogSoftmax"),
    Step(("LayerNormalization",), layer_normalisation, 17),
)
