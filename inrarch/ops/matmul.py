"""MatMul: matrix product, numpy's rules for stacks and vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.rules import convolve
from inrarch.derivatives.shaping import dims_or_refuse, reshape, squeeze, swap_last_axes, unsqueeze
from inrarch.graph.shapes import Dims, dims_of
from inrarch.ops.operator import SMOOTH, Hardware, Operator, elementwise


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """Convolution of the coefficients; a row-constant coefficient is multiplied once, not row by row."""
    a, b = application.operand(0), application.operand(1)
    b_axis = -1 if len(dims_of(b.value) or ()) == 1 else -2

    def product(left: ir.Value, right: ir.Value) -> ir.Value:
        return emit.matmul(emit.full_along(left, a.value, [-1]), emit.full_along(right, b.value, [b_axis]))

    return convolve(emit, a, b, application, product)


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """ȳ B' and A' ȳ; a vector is a matrix of one row (left) or column (right) meanwhile."""
    a, b = application.operand(0).value, application.operand(1).value
    row, column = len(dims_or_refuse(application, a)) == 1, len(dims_or_refuse(application, b)) == 1
    rank = len(dims_or_refuse(application, application.output))
    left = unsqueeze(emit, a, [0]) if row else a
    right = unsqueeze(emit, b, [1]) if column else b
    if column:
        adjoint, rank = unsqueeze(emit, adjoint, [rank]), rank + 1
    if row:
        adjoint, rank = unsqueeze(emit, adjoint, [rank - 1]), rank + 1
    of_left = emit.matmul(adjoint, swap_last_axes(emit, right, len(dims_or_refuse(application, right))))
    of_right = _of_right(emit, left, right, adjoint)
    if row:
        of_left = squeeze(emit, of_left, [rank - 2])
    if column:
        of_right = squeeze(emit, of_right, [len(dims_or_refuse(application, of_right)) - 1])
    return [of_left, of_right]


def _of_right(emit: Emitter, left: ir.Value, right: ir.Value, adjoint: ir.Value) -> ir.Value:
    """A' ȳ; for one matrix B that multiplies a stack, the rows of all the stack are summed in one product."""
    rows, columns = dims_of(left) or (), (dims_of(adjoint) or ())[-1:]
    inner = rows[-1:]
    if len(dims_of(right) or ()) == 2 and len(rows) > 2 and isinstance(inner[0], int) and isinstance(columns[0], int):
        every: Dims = (None,)
        left, adjoint = reshape(emit, left, every + inner), reshape(emit, adjoint, every + columns)
    return emit.matmul(swap_last_axes(emit, left, len(dims_of(left) or ())), adjoint)


OPERATOR = Operator(
    name="MatMul",
    evaluate=elementwise(np.matmul),
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("matmul"),
    smooth=SMOOTH,
)
