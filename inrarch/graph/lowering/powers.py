"""Powers by products, one table per constant exponent, or the exponential of a logarithm.

Rules (float tensors; n, k whole):
1. Pow(x, 0) -> x x 0 + 1, Pow(x, 1) -> x, Pow(x, n) -> products by repeated squaring; Pow(x, -n) -> Reciprocal of them.
2. Pow(x, 1/2) -> Sqrt(x); other constant numbers are tables of their own and stay.
3. Pow(c, u) for a constant c > 0 -> Exp(u x log c).
4. Pow(x, n) for whole constants that differ between features -> products of the squarings that each feature needs.
5. Other Pow(a, b) -> Exp(b x Log(a)), for a > 0: the relative error is that of the exponent, b Log(a), in its format.
"""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

from inrarch.graph.lowering.writing import where
from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import fits, float64_of, is_float, operands
from inrarch.graph.shapes import dims_of

LARGEST = 2**16
"""Whole powers up to this are products: at most 31 of them."""


def run(model: ir.Model) -> int:
    """One sweep over Pow; returns the number of rewrites."""
    return sweep(model, {"Pow": (_constant_exponent, _whole_exponents, _constant_base, _by_logarithm)})


def _constant_exponent(editor: Editor, node: ir.Node) -> ir.Value | None:
    x, _ = operands(node)
    number = constant_exponent(node)
    if number is None:
        return None
    if number == 0.5:
        return editor.insert(node, "Sqrt", x)
    if number == 0:
        return editor.insert(node, "Add", editor.insert(node, "Mul", x, editor.number(0.0, x)), editor.number(1.0, x))
    whole = abs(int(number))
    if abs(number) != whole or not 1 <= whole <= LARGEST:
        return None
    power = _product(editor, node, x, whole)
    return power if number > 0 else editor.insert(node, "Reciprocal", power)


def constant_exponent(node: ir.Node) -> float | None:
    """The exponent of a Pow where it is one constant number that leaves the shape of the base as it is."""
    x, exponent = operands(node)
    constant = None if exponent.const_value is None else np.asarray(exponent.const_value.numpy(), dtype=np.float64)
    if constant is None or not constant.size or (constant != constant.flat[0]).any() or not is_float(x):
        return None
    return float(constant.flat[0]) if fits(constant, dims_of(x)) else None


def _product(editor: Editor, node: ir.Node, x: ir.Value, whole: int) -> ir.Value:
    """The power by squaring, from the highest bit of the exponent down."""
    result = x
    for bit in bin(whole)[3:]:
        result = editor.insert(node, "Mul", result, result)
        if bit == "1":
            result = editor.insert(node, "Mul", result, x)
    return result


def _whole_exponents(editor: Editor, node: ir.Node) -> ir.Value | None:
    x, exponent = operands(node)
    constant = None if exponent.const_value is None else np.asarray(exponent.const_value.numpy())
    if constant is None or not is_float(x) or not fits(constant, dims_of(x)):
        return None
    whole = np.abs(constant)
    if (whole != np.floor(whole)).any() or not (whole <= LARGEST).all():
        return None
    one = editor.number(1.0, x)
    square = x
    if (constant < 0).any():
        inverted = editor.truths(constant < 0)
        divisor = where(editor, node, inverted, x, one)
        square = where(editor, node, inverted, editor.insert(node, "Reciprocal", divisor), x)
    bits, result = whole.astype(np.int64), one
    while bits.any():
        factor = where(editor, node, editor.truths(bits % 2 == 1), square, one)
        result = factor if result is one else editor.insert(node, "Mul", result, factor)
        bits = bits // 2
        square = editor.insert(node, "Mul", square, square) if bits.any() else square
    return result


def _constant_base(editor: Editor, node: ir.Node) -> ir.Value | None:
    base, u = operands(node)
    constant = float64_of(base)
    if constant is None or not (constant > 0).all() or not is_float(u):
        return None
    return editor.insert(
        node, "Exp", editor.insert(node, "Mul", u, editor.constant(np.log(constant), base, name="log"))
    )


def _by_logarithm(editor: Editor, node: ir.Node) -> ir.Value | None:
    a, b = operands(node)
    if constant_exponent(node) is not None or not is_float(a) or not is_float(b):
        return None
    return editor.insert(node, "Exp", editor.insert(node, "Mul", b, editor.insert(node, "Log", a)))
