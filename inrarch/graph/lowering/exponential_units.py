"""Elu and Selu by the exponential of min(u, 0), which their derivatives have as well.

Rules (α, γ attributes; γ = 1 for Elu):
    Elu(u), Selu(u) -> Where(u > 0, γ u, γ α Exp(Where(u > 0, 0, u)) - γ α)
"""

from __future__ import annotations

import onnx_ir as ir

from inrarch.graph.attributes import attributes_of
from inrarch.graph.lowering.writing import truth, where
from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import operand
from inrarch.ops.selu import ALPHA, GAMMA


def run(model: ir.Model) -> int:
    """One sweep over Elu and Selu; returns the number of rewrites."""
    return sweep(model, {"Elu": (_elu,), "Selu": (_selu,)})


def _elu(editor: Editor, node: ir.Node) -> ir.Value | None:
    return _unit(editor, node, 1.0, float(attributes_of(node).get("alpha", 1.0)))


def _selu(editor: Editor, node: ir.Node) -> ir.Value | None:
    attributes = attributes_of(node)
    gamma = float(attributes.get("gamma", GAMMA))
    return _unit(editor, node, gamma, gamma * float(attributes.get("alpha", ALPHA)))


def _unit(editor: Editor, node: ir.Node, line: float, scale: float) -> ir.Value:
    u = operand(node)
    zero = editor.number(0.0, u)
    positive = truth(editor, node, "Greater", u, zero)
    falling = editor.insert(node, "Exp", where(editor, node, positive, zero, u))
    if scale != 1:
        falling = editor.insert(node, "Mul", falling, editor.number(scale, u))
    curved = editor.insert(node, "Sub", falling, editor.number(scale, u))
    straight = u if line == 1 else editor.insert(node, "Mul", u, editor.number(line, u))
    return where(editor, node, positive, straight, curved)
