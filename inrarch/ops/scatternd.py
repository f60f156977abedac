"""ScatterND: entries of a tensor replaced by, or added to, others at computed places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.shaping import unsupported
from inrarch.graph.shapes import dims_of
from inrarch.ops.operator import Array, Hardware, Operator, present

_REDUCTIONS: dict[str, np.ufunc] = {"add": np.add, "mul": np.multiply, "max": np.maximum, "min": np.minimum}


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """numpy's indexed assignment, or the unbuffered addition, product, maximum or minimum."""
    data, places, updates = present(inputs, 0).copy(), present(inputs, 1), present(inputs, 2)
    where = tuple(np.moveaxis(places, -1, 0))
    reduction = attributes.get("reduction", "none")
    if reduction == "none":
        data[where] = updates
    else:
        _REDUCTIONS[reduction].at(data, where, updates)
    return (data,)


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """The same places of the coefficients: replaced (also by zeros), or added to."""
    data, places, updates = (application.operand(position) for position in range(3))
    _check(application)
    result: Coefficients = {}
    for index in application.indices:
        onto, of = data.coefficients.get(index), updates.coefficients.get(index)
        if onto is None and of is None:
            continue
        inputs = (
            emit.zeros(data.value) if onto is None else emit.full(onto, data.value),
            places.value,
            emit.zeros(updates.value) if of is None else emit.full(of, updates.value),
        )
        result[index] = emit.apply("ScatterND", inputs, application.attributes, dims=dims_of(data.value))
    return result


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """ȳ (without the replaced entries), and its entries at the places."""
    _check(application)
    places, updates = application.operand(1).value, application.operand(2).value
    taken = emit.apply("GatherND", (adjoint, places), dims=dims_of(updates))
    if application.attributes.get("reduction", "none") == "add":
        return [adjoint, None, taken]
    kept = emit.apply("ScatterND", (adjoint, places, emit.zeros(updates)), dims=dims_of(adjoint))
    return [kept, None, taken]


def _check(application: Application) -> None:
    reduction = application.attributes.get("reduction", "none")
    if reduction not in ("none", "add"):
        raise unsupported(application, f"its reduction is {reduction!r}", "'none' or 'add'")


OPERATOR = Operator(
    name="ScatterND",
    evaluate=evaluate,
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("none", "streams carry all features of a row"),
    smooth="everywhere, for reductions 'none' and 'add' (with distinct places for 'none')",
)
