"""Shape inference that sees through reshapes which keep the rows.

A Reshape of [N, 16] to [-1, 4, 4] has N rows, as its other sizes multiply to the same number; ONNX's inference gives
the -1 a new name instead. A 0 in the target ("as before") says it so that ONNX understands.
"""

from __future__ import annotations

from math import prod

import numpy as np
import onnx
from onnx import numpy_helper


def infer_shapes(proto: onnx.ModelProto, *, strict: bool) -> onnx.ModelProto:
    """The message with the shapes of all values; sizes that are equal for every batch have one name.

    Raises onnx.shape_inference.InferenceError where shapes do not fit, if `strict`; otherwise they stay unknown.
    """
    inferred = _inferred(proto, strict)
    targets = _targets_with_rows_kept(inferred.graph)
    if not targets:
        return inferred
    given = {position: proto.graph.node[position].input[1] for position in targets}
    first_new = len(proto.graph.initializer)
    for position, target in targets.items():
        name = f"rows kept {position}"
        proto.graph.initializer.append(numpy_helper.from_array(np.array(target, dtype=np.int64), name))
        proto.graph.node[position].input[1] = name
    inferred = _inferred(proto, strict)
    for graph in (proto.graph, inferred.graph):
        for position, name in given.items():
            graph.node[position].input[1] = name
        del graph.initializer[first_new:]
    return inferred


def _inferred(proto: onnx.ModelProto, strict: bool) -> onnx.ModelProto:
    return onnx.shape_inference.infer_shapes(proto, check_type=strict, strict_mode=strict, data_prop=True)


def _targets_with_rows_kept(graph: onnx.GraphProto) -> dict[int, list[int]]:
    """New targets by the position of the node."""
    wanted = {node.input[1] for node in graph.node if node.op_type == "Reshape"}
    targets = {
        tensor.name: numpy_helper.to_array(tensor).reshape(-1).tolist()
        for tensor in graph.initializer
        if tensor.name in wanted
    }
    trailing: dict[str, int] = {}  # product of all sizes but the first, which is not known
    for value in [*graph.input, *graph.value_info]:
        dims = value.type.tensor_type.shape.dim
        if len(dims) > 0 and not dims[0].HasField("dim_value") and all(dim.dim_value > 0 for dim in dims[1:]):
            trailing[value.name] = prod(dim.dim_value for dim in dims[1:])
    found: dict[int, list[int]] = {}
    for position, node in enumerate(graph.node):
        target = targets.get(node.input[1]) if node.op_type == "Reshape" and not node.attribute else None
        if (
            target
            and target[0] == -1
            and trailing.get(node.input[0]) == prod(target[1:])
            and min(target[1:], default=1) > 0
        ):
            found[position] = [0, *target[1:]]
    return found
