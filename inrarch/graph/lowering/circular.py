"""Circular functions that others give.

Rules (float tensors):
1. Tan(u) -> Sin(u) / Cos(u), right on every branch; both share their range reduction.
2. Acos(u) -> pi/2 - Asin(u).
"""

from __future__ import annotations

import math

import onnx_ir as ir

from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import operand


def run(model: ir.Model) -> int:
    """One sweep over Tan and Acos; returns the number of rewrites."""
    return sweep(model, {"Tan": (_tangent,), "Acos": (_arc_cosine,)})


def _tangent(editor: Editor, node: ir.Node) -> ir.Value | None:
    u = operand(node)
    return editor.insert(node, "Div", editor.insert(node, "Sin", u), editor.insert(node, "Cos", u))


def _arc_cosine(editor: Editor, node: ir.Node) -> ir.Value | None:
    u = operand(node)
    return editor.insert(node, "Sub", editor.number(math.pi / 2, u), editor.insert(node, "Asin", u))
