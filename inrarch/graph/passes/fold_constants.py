"""Compute what is known when compiling.

Rules:
1. A node whose operands are all constants becomes a constant, whatever its size. Floats are computed in float64 by the
   operator's own definition (`inrarch.ops`) along the whole chain of such nodes, and rounded once at its end; operators
   that only move elements need not widen them. Equal nodes share one constant.
2. Shape(x) becomes a constant where the sizes that it selects are known.
3. Constant nodes become initializers (rule 1 without operands).

Not handled: sizes that depend on the batch stay; a result that would not be finite stays a node, so that the fault
shows where it arises.
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import onnx_ir as ir

from inrarch.graph.attributes import attributes_of
from inrarch.graph.passes.editor import Editor
from inrarch.graph.passes.eliminate_common import key_of
from inrarch.graph.passes.patterns import Array, array_of, is_constant, is_float, operand
from inrarch.graph.shapes import dims_of
from inrarch.ops import operators

_MOVING = frozenset(
    {"Transpose", "Reshape", "Slice", "Concat", "Expand", "Squeeze", "Unsqueeze", "Flatten", "Identity"}
)


def run(model: ir.Model) -> int:
    """One sweep; returns the number of nodes that became constants."""
    editor = Editor(model.graph)
    exact: dict[ir.Value, Array] = {}
    folded: dict[Hashable, ir.Value] = {}
    changes = 0
    for node in model.graph:
        constant = _folded(editor, node, exact, folded)
        if constant is None:
            continue
        operands = [value for value in node.inputs if value is not None]
        editor.replace(node, constant)
        for value in [*operands, constant]:
            if value in exact and not any(_all_constant(user) for user in value.consumers()):
                del exact[value]  # nobody asks for it any more: large weights are not kept in float64
        changes += 1
    return changes


def _folded(
    editor: Editor, node: ir.Node, exact: dict[ir.Value, Array], folded: dict[Hashable, ir.Value]
) -> ir.Value | None:
    """The constant that a node computes, if it does; also entered in `exact` without rounding, and in `folded`."""
    value = node.outputs[0]
    if node.op_type == "Identity" and value.is_graph_output():  # that is how a constant output is written
        return None
    result = _known_shape(node) if node.op_type == "Shape" else None
    key = key_of(node)
    if key in folded:
        return folded[key]
    if result is None and _all_constant(node):
        result = _computed(node, exact)
    if result is None:
        return None
    constant = editor.constant(result, value, name=value.name or "constant")
    exact[constant] = result
    if key is not None and not value.is_graph_output():
        folded[key] = constant
    return constant


def _all_constant(node: ir.Node) -> bool:
    return all(value is None or is_constant(value) for value in node.inputs)


def _known_shape(node: ir.Node) -> Array | None:
    dims = dims_of(operand(node))
    attributes = attributes_of(node)
    if dims is None:
        return None
    sizes = [dim for dim in dims[attributes.get("start", 0) : attributes.get("end")] if isinstance(dim, int)]
    selected = len(dims[attributes.get("start", 0) : attributes.get("end")])
    return np.array(sizes, dtype=np.int64) if len(sizes) == selected else None


def _computed(node: ir.Node, exact: dict[ir.Value, Array]) -> Array | None:
    known = operators().get(node.op_type)
    value = node.outputs[0]
    if known is None or node.domain or len(node.outputs) != 1:
        return None
    widened = array_of if node.op_type in _MOVING else _wide
    operands = [None if each is None else exact[each] if each in exact else widened(each) for each in node.inputs]
    with np.errstate(all="ignore"):
        result = known.evaluate(operands, attributes_of(node))[0]  # others are results that the node leaves out
        if is_float(value) and not np.isfinite(result.astype(value.dtype.numpy())).all():
            return None
    return result


def _wide(value: ir.Value) -> Array | None:
    array = array_of(value)
    return array.astype(np.float64) if array is not None and is_float(value) else array
