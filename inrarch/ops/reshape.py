"""Reshape: the same elements in another shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.shaping import reshape, reshape_like
from inrarch.graph.shapes import Dims, dims_of, same_size
from inrarch.ops.operator import SMOOTH, Array, Hardware, Operator, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """numpy's reshape; a 0 copies the size of that axis unless `allowzero` is set, a -1 takes what is left."""
    value, target = present(inputs, 0), [int(size) for size in present(inputs, 1)]
    if not attributes.get("allowzero", 0):
        target = [value.shape[axis] if size == 0 else size for axis, size in enumerate(target)]
    return (value.reshape(target),)


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """Each coefficient is brought to the operand's full shape and reshaped; one row for all rows stays one row."""
    operand, target = application.operand(0), application.operand(1).value
    given, dims = dims_of(operand.value), dims_of(application.output)
    rows_stay = bool(given and dims and same_size(given[0], dims[0]) and _known(given[1:]) and _known(dims[1:]))
    result: Coefficients = {}
    for index, coefficient in operand.coefficients.items():
        row = emit.full_along(coefficient, operand.value, range(1, len(given or ())))
        if rows_stay and dims and (dims_of(row) or (None,))[0] == 1:
            result[index] = reshape(emit, row, (1, *dims[1:]))
        else:
            inputs = (emit.full(coefficient, operand.value), target)
            result[index] = emit.apply("Reshape", inputs, application.attributes, dims=dims)
    return result


def _known(dims: Dims) -> bool:
    """Whether all sizes are known, and not 0."""
    return all(isinstance(size, int) and size > 0 for size in dims)


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """Back to the shape of the operand."""
    return [reshape_like(emit, adjoint, application.operand(0).value), None]


OPERATOR = Operator(
    name="Reshape",
    evaluate=evaluate,
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("reorder"),
    smooth=SMOOTH,
)
