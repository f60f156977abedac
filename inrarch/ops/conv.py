"""Conv: discrete convolution (cross-correlation) with strides, dilations, pads and groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import onnx_ir as ir

from inrarch.derivatives.convolution import (
    Geometry,
    add_bias,
    bias_adjoint,
    correlate,
    geometry,
    kernel_adjoint,
    kernel_sizes,
    known_sizes,
    spatial_sizes,
)
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.rules import convolve
from inrarch.derivatives.shaping import dims_or_refuse, unsupported
from inrarch.graph.shapes import dims_of
from inrarch.ops.operator import SMOOTH, Array, Hardware, Operator, optional, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The definition."""
    x, w, bias = present(inputs, 0), present(inputs, 1), optional(inputs, 2)
    y = correlate(x, w, geometry(attributes, w.shape[2:], sizes=x.shape[2:], transposed=False))
    return (y if bias is None else y + bias.reshape(-1, *[1] * (x.ndim - 2)),)


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """Convolution of the coefficients of signal and kernel, plus those of the bias; each is one Conv."""
    x, w = application.operand(0), application.operand(1)
    rank, whole = len(dims_or_refuse(application, x.value)), dims_of(application.output) or ()

    def product(left: ir.Value, right: ir.Value) -> ir.Value:
        left = emit.full_along(left, x.value, range(1, rank))
        dims = ((dims_of(left) or (None,))[0], *whole[1:])
        return emit.apply("Conv", (left, emit.full(right, w.value)), application.attributes, dims=dims)

    return add_bias(emit, application, convolve(emit, x, w, application, product))


def shape_of(application: Application) -> Geometry:
    """The geometry of a node whose sizes are known."""
    sizes = known_sizes(application.operand(0).value)
    try:
        return geometry(application.attributes, kernel_sizes(application), sizes=sizes, transposed=False)
    except ValueError as error:
        raise unsupported(application, str(error), "known sizes, or explicit pads") from None


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """ConvTranspose of ȳ with the same kernel; the kernel's adjoint; sums for the bias."""
    x, w, shape = application.operand(0).value, application.operand(1).value, shape_of(application)
    sizes = spatial_sizes(application, x)
    extra = [size - least for size, least in zip(sizes, shape.signals(shape.results(sizes)), strict=True)]
    attributes = shape.attributes() | ({"output_padding": extra} if any(extra) else {})
    of_x = emit.apply("ConvTranspose", (adjoint, w), attributes, dims=dims_of(x))
    of_w = kernel_adjoint(emit, application, x, adjoint, w, shape)
    return [of_x, of_w, bias_adjoint(emit, application, adjoint)][: len(application.inputs)]


OPERATOR = Operator(
    name="Conv",
    evaluate=evaluate,
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("none", "streams carry one row of features: there is no unit for convolutions"),
    smooth=SMOOTH,
)
