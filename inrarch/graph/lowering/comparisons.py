"""Every comparison by Greater and Equal.

Rules (numbers; NaN is not a number of hardware):
1. Less(a, b) -> Greater(b, a).
2. GreaterOrEqual(a, b) -> Not(Greater(b, a)); LessOrEqual(a, b) -> Not(Greater(a, b)).
3. Equal(a, b) of truth values -> Not(Xor(a, b)).
"""

from __future__ import annotations

import onnx_ir as ir

from inrarch.graph.lowering.writing import truth
from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import is_float, operands


def run(model: ir.Model) -> int:
    """One sweep over the comparisons; returns the number of rewrites."""
    return sweep(
        model,
        {"Less": (_less,), "GreaterOrEqual": (_greater_or_equal,), "LessOrEqual": (_less_or_equal,), "Equal": (_same,)},
    )


def _less(editor: Editor, node: ir.Node) -> ir.Value | None:
    a, b = operands(node)
    return truth(editor, node, "Greater", b, a) if is_float(a) else None


def _greater_or_equal(editor: Editor, node: ir.Node) -> ir.Value | None:
    a, b = operands(node)
    return truth(editor, node, "Not", truth(editor, node, "Greater", b, a)) if is_float(a) else None


def _less_or_equal(editor: Editor, node: ir.Node) -> ir.Value | None:
    a, b = operands(node)
    return truth(editor, node, "Not", truth(editor, node, "Greater", a, b)) if is_float(a) else None


def _same(editor: Editor, node: ir.Node) -> ir.Value | None:
    a, b = operands(node)
    if a.dtype != ir.DataType.BOOL:
        return None
    return truth(editor, node, "Not", truth(editor, node, "Xor", a, b))
