"""GatherND: entries of a tensor by their places along several axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.shaping import unsupported
from inrarch.graph.shapes import dims_of
from inrarch.ops.operator import SMOOTH, Array, Hardware, Operator, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """numpy's indexing, for each entry of the first `batch_dims` axes."""
    data, places = present(inputs, 0), present(inputs, 1)
    batch = int(attributes.get("batch_dims", 0))
    shape = places.shape[:batch]
    taken = [data[(*entry, *np.moveaxis(places[entry], -1, 0))] for entry in np.ndindex(*shape)]
    return (np.array(taken, dtype=data.dtype).reshape(*shape, *np.shape(taken[0])),)


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """The same places of each coefficient."""
    operand, places = application.operand(0), application.operand(1).value
    dims = dims_of(application.output)
    return {
        index: emit.apply("GatherND", (emit.full(given, operand.value), places), application.attributes, dims=dims)
        for index, given in operand.coefficients.items()
    }


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """ȳ added up at the places that were taken, zeros elsewhere."""
    data, places = application.operand(0).value, application.operand(1).value
    if application.attributes.get("batch_dims", 0):
        raise unsupported(application, "it has batch_dims", "batch_dims 0")
    inputs = (emit.zeros(data), places, adjoint)
    return [emit.apply("ScatterND", inputs, {"reduction": "add"}, dims=dims_of(data)), None]


OPERATOR = Operator(
    name="GatherND",
    evaluate=evaluate,
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("none", "streams carry all features of a row"),
    smooth=SMOOTH,
)
