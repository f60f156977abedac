"""Constant factors move outwards, to where they meet and become one (float tensors, c a constant).

Rules (u: the inner result is used here only):
1. (x x c1) x c2 -> x x (c1 c2), unless the product is larger than both constants, or x x c1 is needed anyway and c2 is
   a power of two (a shift in hardware).
2. (x + c1) + c2 -> x + (c1 + c2); c1 - (x + c2) -> (c1 - c2) - x; (c1 - x) + c2 -> (c1 + c2) - x;
   c1 - (c2 - x) -> x + (c1 - c2); under the same condition.
3. (x x c)u x y -> (x x y) x c, with a scalar c.
4. (x x c)u / y -> (x / y) x c; y / (x x c)u -> (y / x) x (1 / c), with a scalar c.
5. (c1 / x)u x c2 -> (c1 c2) / x, with scalars.
6. MatMul((x x c)u, W) -> MatMul(x, W) x c, with a scalar c and a constant W that has at least as many rows as columns:
   what is multiplied afterwards is not larger than what was multiplied before.

A merged constant is computed in float64 and rounded once.

Not handled: factors that differ along an axis move through nothing but rule 1; a merged constant that would overflow or
lose digits near zero; factors of sums (`like_terms`); factors that several nodes share: they are computed once.
"""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import (
    Array,
    Scaled,
    array_of,
    fits,
    float64_of,
    is_constant,
    is_shift,
    operand,
    operands,
    rounds_well,
    scaled,
    split_constant,
    used_once,
)
from inrarch.graph.shapes import dims_of


def run(model: ir.Model) -> int:
    """One sweep; returns the number of rewrites."""
    return sweep(
        model,
        {
            "Mul": (_constants_of_product, _constant_of_quotient, _out_of_product),
            "Add": (_constants_of_sum,),
            "Sub": (_constants_of_difference,),
            "Div": (_out_of_numerator, _out_of_denominator),
            "MatMul": (_out_of_matmul,),
        },
    )


def _scalar_factor(value: ir.Value) -> Scaled | None:
    """x and c of a value (x x c)u with a scalar c other than -1 (which `negations` moves)."""
    node = value.producer()
    if node is None or node.op_type != "Mul" or not used_once(value):
        return None
    multiple = scaled(value)
    return None if multiple is None or multiple.factor.size != 1 else multiple


def _times(editor: Editor, node: ir.Node, value: ir.Value, factor: Array) -> ir.Value:
    scalar = factor.reshape(()) if factor.size == 1 else factor
    return editor.insert(node, "Mul", value, editor.constant(scalar, value, name="factor"))


def _constants_of_product(editor: Editor, node: ir.Node) -> ir.Value | None:
    outer = split_constant(node)
    inner_node = None if outer is None else outer[0].producer()
    inner = split_constant(inner_node) if inner_node is not None and inner_node.op_type == "Mul" else None
    if outer is None or inner is None:
        return None
    product = outer[2] * inner[2]
    if is_shift(outer[2]) and not used_once(outer[0]):
        return None
    if product.size > max(outer[2].size, inner[2].size) or not rounds_well(product, outer[1]):
        return None
    return editor.insert(node, "Mul", inner[0], editor.constant(product, outer[1], name="factor"))


def _constants_of_sum(editor: Editor, node: ir.Node) -> ir.Value | None:
    outer = split_constant(node)
    inner_node = None if outer is None else outer[0].producer()
    if outer is None or inner_node is None or inner_node.op_type not in ("Add", "Sub"):
        return None
    if inner_node.op_type == "Add":
        inner = split_constant(inner_node)
        return None if inner is None else _merged_sum(editor, node, "Add", inner[0], (outer[2], inner[2]))
    minuend, x = operands(inner_node)
    constant = float64_of(minuend)
    if constant is None or is_constant(x):
        return None
    return _merged_sum(editor, node, "Sub", x, (outer[2], constant))


def _constants_of_difference(editor: Editor, node: ir.Node) -> ir.Value | None:
    minuend, second = operands(node)
    constant, inner_node = float64_of(minuend), second.producer()
    if constant is None or inner_node is None or inner_node.op_type not in ("Add", "Sub"):
        return None
    if inner_node.op_type == "Add":
        inner = split_constant(inner_node)
        return None if inner is None else _merged_sum(editor, node, "Sub", inner[0], (constant, -inner[2]))
    subtracted, x = float64_of(operand(inner_node)), operand(inner_node, 1)
    if subtracted is None or is_constant(x):
        return None
    return _merged_sum(editor, node, "Add", x, (constant, -subtracted))


def _merged_sum(
    editor: Editor, node: ir.Node, operator: str, x: ir.Value, offsets: tuple[Array, Array]
) -> ir.Value | None:
    """x + (c1 + c2), or (c1 + c2) - x; None where that constant is larger than both or overflows."""
    total = offsets[0] + offsets[1]
    if total.size > max(offset.size for offset in offsets) or not np.isfinite(total.astype(x.dtype.numpy())).all():
        return None
    constant = editor.constant(total, x, name="offset")
    return editor.insert(node, "Add", x, constant) if operator == "Add" else editor.insert(node, "Sub", constant, x)


def _constant_of_quotient(editor: Editor, node: ir.Node) -> ir.Value | None:
    outer = split_constant(node)
    inner_node = None if outer is None else outer[0].producer()
    if outer is None or inner_node is None or inner_node.op_type != "Div" or not used_once(outer[0]):
        return None
    numerator, x = operands(inner_node)
    constant = float64_of(numerator)
    if constant is None or constant.size != 1 or outer[2].size != 1 or not fits(constant * outer[2], dims_of(x)):
        return None
    product = constant * outer[2]
    if not rounds_well(product, x):
        return None
    return editor.insert(node, "Div", editor.constant(product, x, name="numerator"), x)


def _out_of_product(editor: Editor, node: ir.Node) -> ir.Value | None:
    a, b = operands(node)
    if is_constant(a) or is_constant(b):
        return None
    if (first := _scalar_factor(a)) is not None:
        return _times(editor, node, editor.insert(node, "Mul", first.base, b), first.factor)
    if (second := _scalar_factor(b)) is not None:
        return _times(editor, node, editor.insert(node, "Mul", a, second.base), second.factor)
    return None


def _out_of_numerator(editor: Editor, node: ir.Node) -> ir.Value | None:
    a, b = operands(node)
    multiple = _scalar_factor(a)
    if multiple is None or is_constant(b):
        return None
    return _times(editor, node, editor.insert(node, "Div", multiple.base, b), multiple.factor)


def _out_of_denominator(editor: Editor, node: ir.Node) -> ir.Value | None:
    a, b = operands(node)
    multiple = _scalar_factor(b)
    if multiple is None or is_constant(a) or not multiple.factor.all():
        return None
    reciprocal = 1.0 / multiple.factor
    if not rounds_well(reciprocal, b):
        return None
    return _times(editor, node, editor.insert(node, "Div", a, multiple.base), reciprocal)


def _out_of_matmul(editor: Editor, node: ir.Node) -> ir.Value | None:
    x, weight = operand(node), array_of(operand(node, 1))
    multiple = _scalar_factor(x)
    if multiple is None or weight is None or weight.ndim != 2 or weight.shape[0] < weight.shape[1]:
        return None
    return _times(editor, node, editor.insert(node, "MatMul", multiple.base, operand(node, 1)), multiple.factor)
