"""Divisions by computed values, by one reciprocal for each divisor.

Rules (float tensors):
1. Div(1, b) -> Reciprocal(b); Div(a, b) -> a x Reciprocal(b). Equal divisors share the reciprocal.
2. Reciprocal(Sqrt(u)) -> Pow(u, -1/2): one table, and no error of a root is magnified.

Divisions by constants are products already (`inrarch.graph.passes.divisions`).
"""

from __future__ import annotations

import onnx_ir as ir

from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import fits, float64_of, is_float, operand, operands
from inrarch.graph.shapes import dims_of


def run(model: ir.Model) -> int:
    """One sweep over Div and Reciprocal; returns the number of rewrites."""
    return sweep(model, {"Div": (_divide,), "Reciprocal": (_inverse_root,)})


def _divide(editor: Editor, node: ir.Node) -> ir.Value | None:
    a, b = operands(node)
    if not is_float(b):
        return None
    constant = float64_of(a)
    reciprocal = editor.insert(node, "Reciprocal", b)
    if constant is not None and (constant == 1).all() and fits(constant, dims_of(b)):
        return reciprocal
    return editor.insert(node, "Mul", a, reciprocal)


def _inverse_root(editor: Editor, node: ir.Node) -> ir.Value | None:
    root = operand(node).producer()
    if root is None or root.op_type != "Sqrt":
        return None
    u = operand(root)
    return editor.insert(node, "Pow", u, editor.number(-0.5, u), dims=dims_of(u))
