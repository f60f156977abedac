"""Remove nodes that only pass a tensor on.

Rules:
1. Identity(x) -> x.
2. Expand(x) -> x where the shape stays the same.

Not handled: an Identity remains where an output is an input, a constant or another output (ONNX has no other way to say
so); Expand that somebody needs (see `broadcasts`).
"""

from __future__ import annotations

import onnx_ir as ir

from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import operand
from inrarch.graph.shapes import dims_of, same_shape


def run(model: ir.Model) -> int:
    """One sweep; returns the number of rewrites."""
    return sweep(model, {"Identity": (_identity,), "Expand": (_same_expand,)})


def _identity(editor: Editor, node: ir.Node) -> ir.Value | None:
    x, y = operand(node), node.outputs[0]
    return None if y.is_graph_output() and (x.producer() is None or x.is_graph_output()) else x


def _same_expand(editor: Editor, node: ir.Node) -> ir.Value | None:
    x, shape = operand(node), operand(node, 1).producer()
    like = (
        operand(shape) if shape is not None and shape.op_type == "Shape" and not shape.attributes else node.outputs[0]
    )
    return x if same_shape(dims_of(x), dims_of(like)) else None
