"""Constant nodes become initializers."""

from __future__ import annotations

import onnx

from inrarch.ops.constant import evaluate


def lift_constants(graph: onnx.GraphProto) -> None:
    """Constant nodes become initializers; initializers that can be overridden by a feed become constants."""
    kept = []
    for node in graph.node:
        if node.op_type == "Constant":
            attributes = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
            if "value" in attributes:
                tensor = onnx.TensorProto()
                tensor.CopyFrom(attributes["value"])
                tensor.name = node.output[0]
            else:
                (array,) = evaluate([], attributes)
                tensor = onnx.numpy_helper.from_array(array, node.output[0])
            graph.initializer.append(tensor)
        else:
            kept.append(node)
    replace_nodes(graph, kept)
    constants = {tensor.name for tensor in graph.initializer}
    for position in reversed(range(len(graph.input))):
        if graph.input[position].name in constants:
            del graph.input[position]


def replace_nodes(graph: onnx.GraphProto, nodes: list[onnx.NodeProto]) -> None:
    """The graph has these nodes, some of which may be its own."""
    if len(nodes) == len(graph.node) and all(map(lambda a, b: a is b, nodes, graph.node)):
        return
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(copies)
