"""Where, without what is decided when compiling.

Rules (shapes must not change):
1. Where(c, a, b) -> a for a constant c that is true everywhere, -> b for one that is false everywhere.
2. Where(c, a, a) -> a.
3. Where(Not(c), a, b) -> Where(c, b, a).
4. Where(c, Where(c, a, _), b) -> Where(c, a, b); Where(c, a, Where(c, _, b)) -> Where(c, a, b).

Conditions and branches that are constant altogether are computed by `fold_constants`. Not handled: conditions that
follow from each other; operations on both branches.
"""

from __future__ import annotations

import onnx_ir as ir

from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import array_of, operand
from inrarch.graph.shapes import dims_of, same_shape


def run(model: ir.Model) -> int:
    """One sweep over Where; returns the number of rewrites."""
    return sweep(model, {"Where": (_decided, _equal_branches, _negated, _nested)})


def _fitting(node: ir.Node, value: ir.Value) -> ir.Value | None:
    return value if same_shape(dims_of(value), dims_of(node.outputs[0])) else None


def _decided(editor: Editor, node: ir.Node) -> ir.Value | None:
    condition = array_of(operand(node))
    if condition is None or not condition.size:
        return None
    if condition.all():
        return _fitting(node, operand(node, 1))
    return None if condition.any() else _fitting(node, operand(node, 2))


def _equal_branches(editor: Editor, node: ir.Node) -> ir.Value | None:
    return _fitting(node, operand(node, 1)) if operand(node, 1) is operand(node, 2) else None


def _negated(editor: Editor, node: ir.Node) -> ir.Value | None:
    inner = operand(node).producer()
    if inner is None or inner.op_type != "Not":
        return None
    return _where(editor, node, operand(inner), operand(node, 2), operand(node, 1))


def _nested(editor: Editor, node: ir.Node) -> ir.Value | None:
    condition, branches, changed = operand(node), [], False
    for position in (1, 2):
        value = operand(node, position)
        inner = value.producer()
        if inner is not None and inner.op_type == "Where" and operand(inner) is condition:
            taken = operand(inner, position)
            if same_shape(dims_of(taken), dims_of(value)):
                value, changed = taken, True
        branches.append(value)
    return _where(editor, node, condition, *branches) if changed else None


def _where(editor: Editor, node: ir.Node, condition: ir.Value, a: ir.Value, b: ir.Value) -> ir.Value:
    result = editor.insert(node, "Where", condition, a, b, dims=dims_of(node.outputs[0]))
    result.type = node.outputs[0].type
    return result
