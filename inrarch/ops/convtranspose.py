"""ConvTranspose: the adjoint of Conv."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import onnx_ir as ir

from inrarch.derivatives.convolution import (
    add_bias,
    bias_adjoint,
    geometry,
    kernel_adjoint,
    kernel_sizes,
    known_sizes,
    spread,
)
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.rules import convolve
from inrarch.derivatives.shaping import dims_or_refuse, unsupported
from inrarch.graph.shapes import dims_of
from inrarch.ops.operator import SMOOTH, Array, Hardware, Operator, optional, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The definition."""
    y, w, bias = present(inputs, 0), present(inputs, 1), optional(inputs, 2)
    shape = geometry(attributes, w.shape[2:], sizes=y.shape[2:], transposed=True)
    x = spread(y, w, shape, attributes.get("output_padding", [0] * (y.ndim - 2)))
    return (x if bias is None else x + bias.reshape(-1, *[1] * (y.ndim - 2)),)


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """Convolution of the coefficients of both operands, plus those of the bias; each is one ConvTranspose."""
    y, w = application.operand(0), application.operand(1)
    rank, whole = len(dims_or_refuse(application, y.value)), dims_of(application.output) or ()

    def product(left: ir.Value, right: ir.Value) -> ir.Value:
        left = emit.full_along(left, y.value, range(1, rank))
        dims = ((dims_of(left) or (None,))[0], *whole[1:])
        return emit.apply("ConvTranspose", (left, emit.full(right, w.value)), application.attributes, dims=dims)

    return add_bias(emit, application, convolve(emit, y, w, application, product))


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """Conv of x̄ with the same kernel; the kernel's adjoint; sums for the bias."""
    y, w = application.operand(0).value, application.operand(1).value
    try:
        shape = geometry(application.attributes, kernel_sizes(application), sizes=known_sizes(y), transposed=True)
    except ValueError as error:
        raise unsupported(application, str(error), "known sizes, or explicit pads") from None
    extra = application.attributes.get("output_padding", ())
    if any(padding >= stride for padding, stride in zip(extra, shape.strides, strict=False)):
        raise unsupported(
            application, "its output padding is not smaller than its strides", "smaller ones, as in PyTorch"
        )
    of_y = emit.apply("Conv", (adjoint, w), shape.attributes(), dims=dims_of(y))
    of_w = kernel_adjoint(emit, application, adjoint, y, w, shape)
    return [of_y, of_w, bias_adjoint(emit, application, adjoint)][: len(application.inputs)]


OPERATOR = Operator(
    name="ConvTranspose",
    evaluate=evaluate,
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("none", "streams carry one row of features: there is no unit for convolutions"),
    smooth=SMOOTH,
)
