"""ConvTranspose: the adjoint of Conv."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import onnx_ir as ir

from inrarch.derivatives.convolution import (
    bias_adjoint,
    geometry,
    kernel_adjoint,
    shape_of,
    spread,
    taylor_of,
)
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.shaping import unsupported
from inrarch.graph.shapes import dims_of
from inrarch.ops.operator import SMOOTH, Array, Hardware, Operator, optional, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """The definition."""
    y, w, bias = present(inputs, 0), present(inputs, 1), optional(inputs, 2)
    shape = geometry(attributes, w.shape[2:], sizes=y.shape[2:], transposed=True)
    x = spread(y, w, shape, attributes.get("output_padding", [0] * (y.ndim - 2)))
    return (x if bias is None else x + bias.reshape(-1, *[1] * (y.ndim - 2)),)


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """Conv of x̄ with the same kernel; the kernel's adjoint; sums for the bias."""
    y, w = application.operand(0).value, application.operand(1).value
    shape = shape_of(application, transposed=True)
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
    taylor=taylor_of("ConvTranspose"),
    reverse=reverse,
    hardware=Hardware("matmul", written="Gather and MatMul, where kernel and sizes are constant"),
    smooth=SMOOTH,
)
