"""Signs and roundings by few operators.

Rules (float tensors):
1. Sign(u) -> Where(u > 0, 1, Where(0 > u, -1, 0)).
2. Ceil(u) -> -Floor(-u).
"""

from __future__ import annotations

import onnx_ir as ir

from inrarch.graph.lowering.writing import truth, where
from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import is_float, operand


def run(model: ir.Model) -> int:
    """One sweep over Sign and Ceil; returns the number of rewrites."""
    return sweep(model, {"Sign": (_sign,), "Ceil": (_ceil,)})


def _sign(editor: Editor, node: ir.Node) -> ir.Value | None:
    u = operand(node)
    if not is_float(u):
        return None
    zero, one, minus = (editor.number(number, u) for number in (0.0, 1.0, -1.0))
    below = where(editor, node, truth(editor, node, "Greater", zero, u), minus, zero)
    return where(editor, node, truth(editor, node, "Greater", u, zero), one, below)


def _ceil(editor: Editor, node: ir.Node) -> ir.Value | None:
    u = operand(node)
    if not is_float(u):
        return None
    return editor.insert(node, "Neg", editor.insert(node, "Floor", editor.insert(node, "Neg", u)))
