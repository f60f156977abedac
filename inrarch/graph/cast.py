"""The same graph in another floating type: float64 to judge rewriting without rounding, float32 to run anywhere."""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

FLOATS = (ir.DataType.FLOAT, ir.DataType.DOUBLE)
"""The floating-point types that a model may have."""


def with_floats(model: ir.Model, dtype: ir.DataType) -> ir.Model:
    """A copy whose float32 and float64 tensors all have the type `dtype`; integers and booleans stay as they are.

    What a Cast makes, and a ConstantOfShape, has the type too; so a Cast between floating-point types does nothing.
    """
    copy = model.clone()
    graph = copy.graph
    for value in [*graph.inputs, *graph.initializers.values(), *(each for node in graph for each in node.outputs)]:
        if value.dtype in FLOATS:
            value.type = ir.TensorType(dtype)
    for value in graph.initializers.values():
        tensor = value.const_value
        if tensor is not None and tensor.dtype in FLOATS and tensor.dtype != dtype:
            value.const_value = ir.Tensor(tensor.numpy().astype(dtype.numpy()), name=value.name)
    for node in graph:
        _make(node, dtype)
    return copy


def _make(node: ir.Node, dtype: ir.DataType) -> None:
    """Change the type that an attribute of a node gives to floats."""
    if node.op_type == "Cast" and ir.DataType(node.attributes["to"].as_int()) in FLOATS:
        node.attributes["to"] = ir.AttrInt64("to", dtype.value)
    if node.op_type == "ConstantOfShape":
        given = node.attributes.get("value")
        number = np.zeros(1, dtype=np.float32) if given is None else given.as_tensor().numpy()
        if number.dtype.kind == "f":
            node.attributes["value"] = ir.AttrTensor("value", ir.Tensor(number.astype(dtype.numpy())))
