"""Compute equal things once.

Rules:
1. Initializers with the same type, shape and bytes become one (the first); so two constants that other passes computed
   apart are again one weight.
2. Nodes with the same operator, attributes and operands become one; for Add, Mul, Max, Min, And, Or, Xor, Equal the
   order of the operands does not matter.

Not handled: the order of longer chains, (a x b) x c against a x (b x c); operators that draw random numbers and nodes
with subgraphs are left alone. Constants that are outputs keep their own copy. +0.0 and -0.0 have different bytes.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Hashable

import numpy as np
import onnx_ir as ir

from inrarch.graph.passes.editor import Editor
from inrarch.graph.passes.patterns import Array, array_of

COMMUTATIVE = frozenset({"Add", "Mul", "Max", "Min", "And", "Or", "Xor", "Equal"})
_RANDOM = frozenset({"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial",
                     "Bernoulli", "Dropout"})  # fmt: skip
_SAMPLES = 64
_GRAPHS = (ir.AttributeType.GRAPH, ir.AttributeType.GRAPHS)


def run(model: ir.Model) -> int:
    """Merge equal initializers, then equal nodes in topological order; returns how many disappeared."""
    return _merge_initializers(model.graph) + _merge_nodes(model.graph)


def _merge_initializers(graph: ir.Graph) -> int:
    alike: dict[Hashable, list[tuple[ir.Value, Array]]] = defaultdict(list)
    for value in graph.initializers.values():
        array = array_of(value)
        if array is not None and not value.is_graph_output() and array.dtype != object:
            alike[value.dtype, array.shape, _sample(array)].append((value, array))
    merged = 0
    for group in alike.values():
        first: dict[Hashable, ir.Value] = {}
        for value, array in group if len(group) > 1 else ():
            known = first.setdefault(_digest(array), value)
            if known is not value:
                value.replace_all_uses_with(known)
                del graph.initializers[value.name]
                merged += 1
    return merged


def _sample(array: Array) -> bytes:
    """Some numbers of an array, all of a small one: large weights that differ here need not be read whole."""
    sample: Array = array.flat[:: array.size // _SAMPLES + 1]
    return sample.tobytes()


def _digest(array: Array) -> bytes:
    """Stands for the bytes of an array, which are not copied."""
    return hashlib.sha256(np.ascontiguousarray(array).data.cast("B") if array.size else b"").digest()


def _merge_nodes(graph: ir.Graph) -> int:
    editor = Editor(graph)
    first: dict[Hashable, ir.Node] = {}
    merged = 0
    for node in graph:
        key = key_of(node)
        if key is None:
            continue
        known = first.setdefault(key, node)
        if known is not node and _merge(editor, node, known):
            merged += 1
    return merged


def _merge(editor: Editor, node: ir.Node, known: ir.Node) -> bool:
    if len(node.outputs) == 1:
        editor.replace(node, known.outputs[0])
        return True
    if any(value.is_graph_output() for value in node.outputs):
        return False
    for value, replacement in zip(node.outputs, known.outputs, strict=True):
        value.replace_all_uses_with(replacement)
    editor.remove(node)
    return True


def key_of(node: ir.Node) -> Hashable | None:
    """What two nodes have in common that compute the same; None for a node that is like no other."""
    if node.op_type in _RANDOM or any(attribute.type in _GRAPHS for attribute in node.attributes.values()):
        return None
    operands = [id(value) for value in node.inputs]
    if node.op_type in COMMUTATIVE:
        operands.sort()
    attributes = tuple(sorted((name, _attribute_key(attribute)) for name, attribute in node.attributes.items()))
    return node.domain, node.op_type, tuple(operands), attributes, len(node.outputs)


def _attribute_key(attribute: ir.Attr) -> str:
    if attribute.type == ir.AttributeType.TENSOR:
        tensor = attribute.as_tensor()
        return f"{tensor.dtype} {tensor.shape} {tensor.tobytes().hex()}"
    return repr(attribute.value)
