"""Truth values as numbers, and numbers as truth values.

Rules:
1. Cast(c) of truth values to floats -> Where(c, 1, 0).
2. Cast(x) of floats to truth values -> Not(Equal(x, 0)).
"""

from __future__ import annotations

import onnx_ir as ir

from inrarch.graph.cast import FLOATS
from inrarch.graph.lowering.writing import truth, where
from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import is_float, operand


def run(model: ir.Model) -> int:
    """One sweep over Cast; returns the number of rewrites."""
    return sweep(model, {"Cast": (_to_number, _to_truth)})


def _to_number(editor: Editor, node: ir.Node) -> ir.Value | None:
    x, result = operand(node), node.outputs[0]
    if x.dtype != ir.DataType.BOOL or result.dtype not in FLOATS:
        return None
    return where(editor, node, x, editor.number(1.0, result), editor.number(0.0, result))


def _to_truth(editor: Editor, node: ir.Node) -> ir.Value | None:
    x = operand(node)
    if not is_float(x) or node.outputs[0].dtype != ir.DataType.BOOL:
        return None
    return truth(editor, node, "Not", truth(editor, node, "Equal", x, editor.number(0.0, x)))
