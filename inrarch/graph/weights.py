"""Large weights, kept out of what serializes a whole model: ONNX's checker and shape inference hold copies of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnx_ir as ir

Array = np.ndarray[Any, Any]

LARGE = 1024
"""bytes; what is smaller may be a shape or an index, which shape inference reads"""

_FLOATS = (onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE)


def take_weights(graph: onnx.GraphProto) -> dict[str, Array | None]:
    """Make inputs of the large float initializers, so that everybody knows their types and sizes but no numbers.

    Returns the names of all initializers in order, with the arrays of those that were taken. A tensor whose numbers do
    not fit its sizes stays, for the checker to tell.
    """
    found: dict[str, Array | None] = {tensor.name: None for tensor in graph.initializer}
    for position in reversed(range(len(graph.initializer))):
        tensor = graph.initializer[position]
        if tensor.data_type not in _FLOATS or tensor.ByteSize() < LARGE:
            continue
        try:
            found[tensor.name] = onnx.numpy_helper.to_array(tensor)
        except ValueError:
            continue
        graph.input.append(onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims))
        del graph.initializer[position]
    return found


def without_weights(model: ir.Model) -> ir.Model:
    """A copy in which large float initializers are inputs: as valid as the model, and light to check."""
    copy: ir.Model = model.clone()
    graph = copy.graph
    for name, value in list(graph.initializers.items()):
        tensor = value.const_value
        if tensor is not None and tensor.nbytes >= LARGE and tensor.dtype.is_floating_point():
            del graph.initializers[name]
            graph.inputs.append(value)
    return copy


def put_weights(model: ir.Model, weights: Mapping[str, Array | None]) -> None:
    """Make initializers of them again, in their order. All initializers are arrays then, which reading does not copy.

    model: as it was made from the graph without them.
    """
    graph = model.graph
    given = {value.name: value for value in [*graph.inputs, *graph.initializers.values()]}
    for value in list(graph.inputs):
        if value.name in weights:
            graph.inputs.remove(value)
    graph.initializers.clear()
    for name in [*weights, *(name for name in given if name not in weights)]:
        value, array = given.get(name), weights.get(name)
        if value is None or (value.const_value is None and array is None):
            continue
        value.const_value = ir.Tensor(value.const_value.numpy() if array is None else array, name=name)
        graph.initializers.add(value)
