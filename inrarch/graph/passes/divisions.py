"""Divisions that need no divider.

Rules (float tensors, c a constant):
1. x / c -> x x (1 / c), the reciprocal computed in float64 and rounded once.
2. c1 / (x x c2) -> (c1 / c2) / x, where both c are scalars and x x c2 is used here only.
3. (x / y) x c and (c1 / y) x c: see `scalar_factors`, which moves c outwards or into c1.

Not handled: c with a zero, an infinity or a NaN, or whose reciprocal would overflow or lose digits near zero (the
division stays); division by computed values.
"""

from __future__ import annotations

import onnx_ir as ir

from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import float64_of, is_constant, operands, rounds_well, scaled, used_once


def run(model: ir.Model) -> int:
    """One sweep over Div; returns the number of rewrites."""
    return sweep(model, {"Div": (_by_constant, _of_constant)})


def _by_constant(editor: Editor, node: ir.Node) -> ir.Value | None:
    numerator, denominator = operands(node)
    divisor = float64_of(denominator)
    if divisor is None or is_constant(numerator) or not rounds_well(divisor, denominator) or not divisor.all():
        return None
    reciprocal = 1.0 / divisor
    if not rounds_well(reciprocal, denominator):
        return None
    return editor.insert(node, "Mul", numerator, editor.constant(reciprocal, denominator, name="reciprocal"))


def _of_constant(editor: Editor, node: ir.Node) -> ir.Value | None:
    numerator, denominator = operands(node)
    constant, multiple = float64_of(numerator), scaled(denominator)
    if constant is None or multiple is None or not used_once(denominator):
        return None
    if constant.size != 1 or multiple.factor.size != 1 or not multiple.factor.all():
        return None
    quotient = constant / multiple.factor.reshape(())
    if not rounds_well(quotient, numerator):
        return None
    return editor.insert(node, "Div", editor.constant(quotient, numerator, name="numerator"), multiple.base)
