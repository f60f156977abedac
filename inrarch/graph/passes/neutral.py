"""Algebra of 0 and 1, for float tensors.

Rules (c stands for a constant whose elements are all the same; shapes must not change):
1. x + 0, 0 + x, x - 0 -> x.
2. 0 - x -> -x.
3. x x 1, x / 1 -> x.
4. x x (-1), x / (-1) -> -x.
5. x x 0, 0 / x, x - x -> a constant 0, or Expand(0, Shape(x)) where the shape is not known in numbers.

Rule 5 takes x as finite (and not 0 in 0 / x): a NaN or an infinity in x does not show in the result any more.
Rule 1 takes -0 + 0 as -0. A constant that would enlarge the result by broadcasting is not neutral and stays.

Not handled: zeros whose shape is not that of x; x / x -> 1; integer tensors.
"""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import Array, fits, float64_of, is_float, operands, split_constant
from inrarch.graph.shapes import dims_of


def run(model: ir.Model) -> int:
    """One sweep over Add, Sub, Mul and Div; returns the number of rewrites."""
    return sweep(model, {"Add": (_add,), "Sub": (_subtract,), "Mul": (_multiply,), "Div": (_divide,)})


def _add(editor: Editor, node: ir.Node) -> ir.Value | None:
    parts = split_constant(node)
    if parts is None:
        return None
    x, _, constant = parts
    return x if _is(constant, 0.0) and fits(constant, dims_of(x)) else None


def _subtract(editor: Editor, node: ir.Node) -> ir.Value | None:
    first, second = operands(node)
    if first is second:
        return _zero(editor, node, first, np.zeros(()))
    constant = float64_of(second)
    if constant is not None:
        return first if _is(constant, 0.0) and fits(constant, dims_of(first)) else None
    constant = float64_of(first)
    if constant is not None and _is(constant, 0.0) and fits(constant, dims_of(second)):
        return editor.insert(node, "Neg", second)
    return None


def _multiply(editor: Editor, node: ir.Node) -> ir.Value | None:
    parts = split_constant(node)
    if parts is None:
        return None
    x, _, constant = parts
    if _is(constant, 0.0):
        return _zero(editor, node, x, constant)
    return _times_one(editor, node, x, constant)


def _divide(editor: Editor, node: ir.Node) -> ir.Value | None:
    first, second = operands(node)
    numerator = float64_of(first)
    if numerator is not None and _is(numerator, 0.0):
        return _zero(editor, node, second, numerator)
    constant = float64_of(second)
    return None if constant is None else _times_one(editor, node, first, constant)


def _times_one(editor: Editor, node: ir.Node, x: ir.Value, constant: Array) -> ir.Value | None:
    if not fits(constant, dims_of(x)):
        return None
    if _is(constant, 1.0):
        return x
    return editor.insert(node, "Neg", x) if _is(constant, -1.0) else None


def _zero(editor: Editor, node: ir.Node, x: ir.Value, constant: Array) -> ir.Value | None:
    """Zeros with the shape of the result: a constant, or where the shape is not known in numbers that of x."""
    result = node.outputs[0]
    dims = dims_of(result)
    if dims is None or not is_float(result):
        return None
    sizes = [dim for dim in dims if isinstance(dim, int)]
    if len(sizes) == len(dims):
        return editor.constant(np.zeros(sizes), result, name="zero")
    if not fits(constant, dims_of(x)):
        return None
    shape = editor.insert(node, "Shape", x, dims=(len(dims),))
    shape.type = ir.TensorType(ir.DataType.INT64)
    return editor.insert(node, "Expand", editor.number(0.0, result), shape, dims=dims)


def _is(constant: Array, number: float) -> bool:
    return bool((constant == number).all())
