"""Powers that need no power function (float tensors, n a constant number).

Rules:
1. Pow(x, 1) -> x.
2. Pow(x, 2) -> x x x, Pow(x, 3) -> (x x x) x x, Pow(x, 4) -> (x x x) x (x x x).
3. Pow(x, 1/2) -> Sqrt(x); Pow(x, -1) -> 1 / x.

Products round once for each multiplication, a power function at least once. Not handled: other exponents, and exponents
that differ between elements.
"""

from __future__ import annotations

import onnx_ir as ir

from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import array_of, fits, is_float, operands
from inrarch.graph.shapes import dims_of


def run(model: ir.Model) -> int:
    """One sweep over Pow; returns the number of rewrites."""
    return sweep(model, {"Pow": (_power,)})


def _power(editor: Editor, node: ir.Node) -> ir.Value | None:
    x, exponent = operands(node)
    constant = array_of(exponent)
    if constant is None or constant.size != 1 or not is_float(x) or not fits(constant, dims_of(x)):
        return None
    number = float(constant.reshape(()))
    if number == 1:
        return x
    if number == 0.5:
        return editor.insert(node, "Sqrt", x, dims=dims_of(x))
    if number == -1:
        return editor.insert(node, "Div", editor.number(1.0, x), x)
    if number not in (2, 3, 4):
        return None
    square = editor.insert(node, "Mul", x, x)
    if number == 2:
        return square
    return editor.insert(node, "Mul", square, x if number == 3 else square)
