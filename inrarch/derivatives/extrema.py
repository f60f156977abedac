"""The rules of ReduceMax and ReduceMin: derivatives of the extreme entry."""

from __future__ import annotations

from collections.abc import Sequence

import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.reductions import axes_of, keeps_dims, spread
from inrarch.derivatives.shaping import reduce
from inrarch.graph.shapes import broadcast, dims_of


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """The coefficient of the extreme entry; the mean over those that are equal."""
    axes, operand = axes_of(application), application.operand(0)
    share = _share(emit, application, axes)
    return {
        index: reduce(emit, "ReduceSum", emit.multiply(coefficient, share), axes, keeps_dims(application))
        for index, coefficient in operand.coefficients.items()
    }


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """ȳ for the extreme entry, in equal parts where there are several."""
    axes = axes_of(application)
    given = emit.multiply(spread(emit, application, adjoint, axes), _share(emit, application, axes))
    return [given, *[None] * (len(application.inputs) - 1)]


def _share(emit: Emitter, application: Application, axes: Sequence[int]) -> ir.Value:
    """1 / n for each of the n entries that are the extreme one, 0 for the others."""
    x, extreme = application.operand(0).value, spread(emit, application, application.output, axes)
    dims = broadcast([dims_of(x), dims_of(extreme)])
    chosen = emit.apply("Equal", (x, extreme), dims=dims, dtype=ir.DataType.BOOL)
    ones = emit.apply("Where", (chosen, emit.number(1, x), emit.number(0, x)), dims=dims, dtype=x.dtype)
    return emit.elementwise("Div", ones, reduce(emit, "ReduceSum", ones, axes, True))
