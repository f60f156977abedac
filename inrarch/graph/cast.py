"""The same graph in another floating type: float64 to judge rewriting without rounding, float32 to run anywhere."""

from __future__ import annotations

import onnx_ir as ir

FLOATS = (ir.DataType.FLOAT, ir.DataType.DOUBLE)
"""The floating-point types that a model may have."""


def with_floats(model: ir.Model, dtype: ir.DataType) -> ir.Model:
    """A copy whose float32 and float64 tensors all have the type `dtype`; integers and booleans stay as they are."""
    copy = model.clone()
    graph = copy.graph
    for value in [*graph.inputs, *graph.initializers.values(), *(each for node in graph for each in node.outputs)]:
        if value.dtype in FLOATS:
            value.type = ir.TensorType(dtype)
    for value in graph.initializers.values():
        tensor = value.const_value
        if tensor is not None and tensor.dtype in FLOATS and tensor.dtype != dtype:
            value.const_value = ir.Tensor(tensor.numpy().astype(dtype.numpy()), name=value.name)
    return copy
