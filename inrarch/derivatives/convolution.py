"""What Conv and ConvTranspose share: their geometry, and the three maps of one trilinear form.

For a signal x [N, C, L…], a kernel w [M, C/g, K…] and a result y [N, M, O…], Conv is y(x, w), ConvTranspose its adjoint
x(y, w), and `kernel_adjoint` the adjoint w(x, y). Each of them is linear in both of its operands, and the derivatives
of one are made of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.rules import Rule, convolve
from inrarch.derivatives.shaping import cut, dims_or_refuse, reduce, transpose, unsqueeze, unsupported
from inrarch.graph.shapes import dims_of

if TYPE_CHECKING:
    from inrarch.ops.operator import Array


@dataclass(frozen=True, slots=True)
class Geometry:
    """Per spatial axis: size of the kernel, stride, dilation, pads before and after; and the number of groups."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    groups: int

    def results(self, sizes: Sequence[int]) -> list[int]:
        """Sizes of Conv's result for a signal of these sizes."""
        return [
            (size + self.before[k] + self.after[k] - self.dilations[k] * (self.kernel[k] - 1) - 1) // self.strides[k]
            + 1
            for k, size in enumerate(sizes)
        ]

    def signals(self, sizes: Sequence[int]) -> list[int]:
        """Sizes of the smallest signal for which Conv's result has these sizes."""
        return [
            (size - 1) * self.strides[k] + self.dilations[k] * (self.kernel[k] - 1) + 1 - self.before[k] - self.after[k]
            for k, size in enumerate(sizes)
        ]

    def attributes(self) -> dict[str, Any]:
        """For a Conv or ConvTranspose node."""
        return {
            "strides": list(self.strides),
            "dilations": list(self.dilations),
            "pads": [*self.before, *self.after],
            "group": self.groups,
        }


def geometry(attributes: Any, kernel: Sequence[int], *, sizes: Sequence[int] | None, transposed: bool) -> Geometry:
    """From the attributes of a node; sizes: of its first operand, needed for `auto_pad` and `output_shape` only."""
    rank = len(kernel)
    strides = tuple(attributes.get("strides", [1] * rank))
    dilations = tuple(attributes.get("dilations", [1] * rank))
    pads = list(attributes.get("pads", [0] * (2 * rank)))
    mode = attributes.get("auto_pad", "NOTSET")
    wanted = attributes.get("output_shape") if transposed else None
    if wanted is not None or mode in ("SAME_UPPER", "SAME_LOWER"):
        if sizes is None:
            raise ValueError("the pads follow from sizes that are not known")
        extra = list(attributes.get("output_padding", [0] * rank))
        for k, size in enumerate(sizes):
            span = dilations[k] * (kernel[k] - 1) + 1
            if transposed:
                whole = size * strides[k] if wanted is None else wanted[-rank:][k]
                total = strides[k] * (size - 1) + extra[k] + span - whole
            else:
                total = max(0, (-(-size // strides[k]) - 1) * strides[k] + span - size)
            pads[k] = total // 2 if mode == "SAME_UPPER" else total - total // 2
            pads[rank + k] = total - pads[k]
    elif mode == "VALID":
        pads = [0] * (2 * rank)
    groups = int(attributes.get("group", 1))
    return Geometry(tuple(kernel), strides, dilations, tuple(pads[:rank]), tuple(pads[rank:]), groups)


def correlate(x: Array, w: Array, shape: Geometry) -> Array:
    """Conv's y(x, w), tap by tap."""
    padded = _padded(x, shape.before, shape.after)
    results = shape.results(x.shape[2:])
    y: Array = np.zeros((x.shape[0], w.shape[0], *results), dtype=x.dtype)
    for tap, places in _taps(shape, results):
        y += _channels("nc...,mc->nm...", padded[places], w[tap], shape.groups)
    return y


def spread(y: Array, w: Array, shape: Geometry, extra: Sequence[int]) -> Array:
    """ConvTranspose's x(y, w), tap by tap; extra: entries after the smallest signal."""
    least, results = shape.signals(y.shape[2:]), y.shape[2:]
    whole = [n + a + b + e for n, a, b, e in zip(least, shape.before, shape.after, extra, strict=True)]
    x: Array = np.zeros((y.shape[0], w.shape[1] * shape.groups, *whole), dtype=y.dtype)
    for tap, places in _taps(shape, results):
        x[places] += _channels("nm...,mc->nc...", y, w[tap], shape.groups)
    return _padded(x, [-pad for pad in shape.before], [-pad for pad in shape.after])


def _padded(x: Array, before: Sequence[int], after: Sequence[int]) -> Array:
    """Zeros before and after the spatial axes; a negative number cuts entries off."""
    widths = [(0, 0), (0, 0), *zip(before, after, strict=True)]
    cuts = tuple(slice(max(0, -a), n - max(0, -b)) for (a, b), n in zip(widths, x.shape, strict=True))
    return np.pad(x[cuts], [(max(0, a), max(0, b)) for a, b in widths])


def _taps(shape: Geometry, results: Sequence[int]) -> list[tuple[tuple[slice | int, ...], tuple[slice, ...]]]:
    """Each entry of the kernel, and the places of the padded signal that it meets; both for all channels."""
    every = slice(None)
    found: list[tuple[tuple[slice | int, ...], tuple[slice, ...]]] = []
    for tap in product(*map(range, shape.kernel)):
        starts = [place * dilation for place, dilation in zip(tap, shape.dilations, strict=True)]
        places = tuple(
            slice(start, start + (size - 1) * stride + 1, stride)
            for start, size, stride in zip(starts, results, shape.strides, strict=True)
        )
        found.append(((every, every, *tap), (every, every, *places)))
    return found


def _channels(equation: str, signal: Array, matrix: Array, groups: int) -> Array:
    """One matrix [M, C/g] from channels to channels, group by group."""
    into = len(matrix) // groups
    parts = np.split(signal, groups, axis=1)
    mixed = [np.einsum(equation, part, matrix[group * into : (group + 1) * into]) for group, part in enumerate(parts)]
    return np.concatenate(mixed, axis=1)


def spatial_sizes(application: Application, value: ir.Value) -> list[int]:
    """Sizes of all axes but the first two, which a rule has to know."""
    sizes = [size for size in dims_or_refuse(application, value)[2:] if isinstance(size, int)]
    if len(sizes) != len(dims_or_refuse(application, value)) - 2:
        raise unsupported(application, f"the sizes of {value.name!r} are not known", "known sizes of the spatial axes")
    return sizes


def kernel_adjoint(
    emit: Emitter, application: Application, x: ir.Value, y: ir.Value, w: ir.Value, shape: Geometry
) -> ir.Value:
    """w(x, y): a Conv with the batch as its channels, with strides and dilations exchanged, group by group."""
    w_dims = dims_or_refuse(application, w)
    swap = [1, 0, *range(2, len(w_dims))]
    swapped_shape = Geometry(
        tuple(spatial_sizes(application, y)), shape.dilations, shape.strides, shape.before, shape.after, 1
    )
    found = swapped_shape.results(spatial_sizes(application, x))
    x_channels, y_channels = w_dims[1], w_dims[0]
    if not isinstance(x_channels, int) or not isinstance(y_channels, int):
        raise unsupported(application, "the number of channels is not known", "a kernel of known size")
    per_group = y_channels // shape.groups
    kernels = []
    for group in range(shape.groups):
        signal, result = x, y
        if shape.groups > 1:
            signal = cut(emit, x, 1, group * x_channels, (group + 1) * x_channels)
            result = cut(emit, y, 1, group * per_group, (group + 1) * per_group)
        operands = transpose(emit, signal, swap), transpose(emit, result, swap)
        kernel = emit.apply("Conv", operands, swapped_shape.attributes(), dims=(x_channels, per_group, *found))
        for axis, size in enumerate(shape.kernel):
            if found[axis] != size:
                kernel = cut(emit, kernel, axis + 2, 0, size)
        kernels.append(transpose(emit, kernel, swap))
    if len(kernels) == 1:
        return kernels[0]
    return emit.apply("Concat", kernels, {"axis": 0}, dims=w_dims)


def bias_adjoint(emit: Emitter, application: Application, adjoint: ir.Value) -> ir.Value:
    """The sum over everything but the channels."""
    rank = len(dims_or_refuse(application, adjoint))
    return reduce(emit, "ReduceSum", adjoint, [0, *range(2, rank)], False)


def taylor_of(operator: str) -> Rule:
    """The Taylor rule of Conv or ConvTranspose: the convolution of the coefficients of both operands, plus the bias's.

    Each product of two coefficients is one node of this operator.
    """

    def rule(emit: Emitter, application: Application) -> Coefficients:
        signal, kernel = application.operand(0), application.operand(1)
        rank, whole = len(dims_or_refuse(application, signal.value)), dims_of(application.output) or ()

        def term(left: ir.Value, right: ir.Value) -> ir.Value:
            left = emit.full_along(left, signal.value, range(1, rank))
            dims = ((dims_of(left) or (None,))[0], *whole[1:])
            return emit.apply(operator, (left, emit.full(right, kernel.value)), application.attributes, dims=dims)

        return _plus_bias(emit, application, convolve(emit, signal, kernel, application, term))

    return rule


def shape_of(application: Application, *, transposed: bool) -> Geometry:
    """The geometry of a node; refused where it follows from sizes that are not known."""
    kernel = spatial_sizes(application, application.operand(1).value)
    sizes = _known_sizes(application.operand(0).value)
    try:
        return geometry(application.attributes, kernel, sizes=sizes, transposed=transposed)
    except ValueError as error:
        raise unsupported(application, str(error), "known sizes, or explicit pads") from None


def _plus_bias(emit: Emitter, application: Application, coefficients: Coefficients) -> Coefficients:
    """Coefficients of a product [N, C, L…] plus those of the bias [C], the third operand, if it is there."""
    bias = application.optional(2)
    result = dict(coefficients)
    for index, coefficient in bias.coefficients.items() if bias is not None else ():
        axes = range(1, len(dims_or_refuse(application, application.operand(0).value)) - 1)
        term = unsqueeze(emit, emit.full_along(coefficient, application.operand(2).value, []), axes)
        result[index] = emit.add(term, result[index]) if index in result else term
    return result


def _known_sizes(value: ir.Value) -> list[int] | None:
    """Sizes of all axes but the first two, or None where one is not known."""
    sizes = list((dims_of(value) or ())[2:])
    known = [size for size in sizes if isinstance(size, int)]
    return known if len(known) == len(sizes) else None
