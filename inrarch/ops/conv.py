"""Conv: discrete convolution (cross-correlation) with strides, dilations, pads and groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import onnx_ir as ir

from inrarch.derivatives.convolution import (
    bias_adjoint,
    correlate,
    geometry,
    kernel_adjoint,
    shape_of,
    spatial_sizes,
    taylor_of,
)
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.graph.shapes import dims_of
from inrarch.ops.operator import SMOOTH, Array, Hardware, Operator, optional, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The definition."""
    x, w, bias = present(inputs, 0), present(inputs, 1), optional(inputs, 2)
    y = correlate(x, w, geometry(attributes, w.shape[2:], sizes=x.shape[2:], transposed=False))
    return (y if bias is None else y + bias.reshape(-1, *[1] * (x.ndim - 2)),)


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """ConvTranspose of ȳ with the same kernel; the kernel's adjoint; sums for the bias."""
    x, w, shape = application.operand(0).value, application.operand(1).value, shape_of(application, transposed=False)
    sizes = spatial_sizes(application, x)
    extra = [size - least for size, least in zip(sizes, shape.signals(shape.results(sizes)), strict=True)]
    attributes = shape.attributes() | ({"output_padding": extra} if any(extra) else {})
    of_x = emit.apply("ConvTranspose", (adjoint, w), attributes, dims=dims_of(x))
    of_w = kernel_adjoint(emit, application, x, adjoint, w, shape)
    return [of_x, of_w, bias_adjoint(emit, application, adjoint)][: len(application.inputs)]


OPERATOR = Operator(
    name="Conv",
    evaluate=evaluate,
    taylor=taylor_of("Conv"),
    reverse=reverse,
    hardware=Hardware("matmul", written="Gather and MatMul, where kernel and sizes are constant"),
    smooth=SMOOTH,
)
