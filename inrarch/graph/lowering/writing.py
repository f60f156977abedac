"""Writing nodes whose result is not of the type of their first operand."""

from __future__ import annotations

import onnx_ir as ir

from inrarch.graph.passes.editor import Editor
from inrarch.graph.shapes import broadcast, dims_of


def truth(editor: Editor, before: ir.Node, operator: str, *operands: ir.Value) -> ir.Value:
    """A node that gives truth values: a comparison, or logic of truth values."""
    result = editor.insert(before, operator, *operands, dims=broadcast(map(dims_of, operands)))
    result.type = ir.TensorType(ir.DataType.BOOL)
    return result


def where(editor: Editor, before: ir.Node, condition: ir.Value, a: ir.Value, b: ir.Value) -> ir.Value:
    """A where the condition holds, else b."""
    result = editor.insert(before, "Where", condition, a, b, dims=broadcast(map(dims_of, (condition, a, b))))
    result.type = a.type
    return result
