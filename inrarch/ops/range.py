"""Range: start, start + step, … before a limit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.shaping import squeeze
from inrarch.graph.shapes import dims_of
from inrarch.ops.operator import Array, Hardware, Operator, elementwise


def progression(start: Array, limit: Array, step: Array) -> Array:
    """All that lie before the limit. Exporters also give one number as a tensor of one."""
    start, limit, step = (each.reshape(()) for each in (start, limit, step))
    count = max(0, int(np.ceil((limit - start) / step)))
    return (start + step * np.arange(count)).astype(start.dtype)


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """Coefficients of start + k step; the number of entries is fixed."""
    start, step = application.operand(0).coefficients, application.operand(2).coefficients
    places = _places(emit, application) if step else None
    result = dict(start)
    for index, coefficient in step.items():
        if places is not None:
            term = emit.multiply(coefficient, places)
            result[index] = emit.add(start[index], term) if index in start else term
    return result


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """ȳ for the start, k ȳ for the step: the sweep sums them."""
    return [adjoint, None, emit.multiply(adjoint, _places(emit, application))]


def _places(emit: Emitter, application: Application) -> ir.Value:
    """0, 1, … in the type of the result."""
    zero, one = (emit.constant(np.array(number, dtype=np.int64), "place") for number in (0, 1))
    count = squeeze(emit, emit.shape(application.output), [0])
    places = emit.apply("Range", (zero, count, one), dims=dims_of(application.output))
    return emit.cast(places, application.output.dtype)


OPERATOR = Operator(
    name="Range",
    evaluate=elementwise(progression),
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("none", "the optimizer folds what is constant"),
    smooth="piecewise: the number of entries is taken as fixed",
)
