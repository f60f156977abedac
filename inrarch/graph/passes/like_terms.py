"""Sums of terms that have something in common (float tensors, c a constant; u: used here only).

Rules:
1. x + x -> x x 2; x + (x x c)u -> x x (1 + c); (x x c1)u + (x x c2)u -> x x (c1 + c2); likewise with -.
2. (x x c)u + (y x c)u -> (x + y) x c; (x x c)u + (y x -c)u -> (x - y) x c; likewise with -.
3. (x x y)u + (x x z)u -> x x (y + z), y and z not both constant; likewise with -.

Every rule takes away one multiplication. Not handled: terms that are not neighbours in a chain of additions; factors in
common that a third term lacks; constants of rule 1 that cancel to 0 (rule 2 and `neutral` then find x - x).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import onnx_ir as ir

from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import Array, Scaled, is_constant, is_float, operands, rounds_well, scaled, used_once
from inrarch.graph.shapes import dims_of, same_shape


def run(model: ir.Model) -> int:
    """One sweep over Add and Sub; returns the number of rewrites."""
    rules = (_same_base, _same_factor, _common_operand)
    return sweep(model, {"Add": rules, "Sub": rules})


def _sign(node: ir.Node) -> float:
    return 1.0 if node.op_type == "Add" else -1.0


def _readings(value: ir.Value) -> Iterator[Scaled]:
    """A term as 1 x itself, and as a multiple of something else if it is a product for this sum alone."""
    multiple = scaled(value) if used_once(value) else None
    if multiple is not None:
        yield multiple
    yield Scaled(value, np.asarray(1.0))


def _same_base(editor: Editor, node: ir.Node) -> ir.Value | None:
    a, b = operands(node)
    if is_constant(a) or is_constant(b) or not is_float(a):
        return None
    for first in _readings(a):
        for second in _readings(b):
            if first.base is second.base:
                factor: Array = first.factor + _sign(node) * second.factor
                grows = factor.size > max(first.factor.size, second.factor.size)
                if factor.all() and rounds_well(factor, a) and not grows:
                    return editor.insert(node, "Mul", first.base, editor.constant(factor, a, name="factor"))
    return None


def _same_factor(editor: Editor, node: ir.Node) -> ir.Value | None:
    a, b = operands(node)
    if not (used_once(a) and used_once(b) and same_shape(dims_of(a), dims_of(b))):
        return None
    first, second = scaled(a), scaled(b)
    if first is None or second is None or (first.factor == -1).all():
        return None
    if np.array_equal(first.factor, second.factor):
        operator = node.op_type
    elif np.array_equal(first.factor, -second.factor):
        operator = "Sub" if node.op_type == "Add" else "Add"
    else:
        return None
    total = editor.insert(node, operator, first.base, second.base)
    return editor.insert(node, "Mul", total, editor.constant(first.factor, a, name="factor"))


def _common_operand(editor: Editor, node: ir.Node) -> ir.Value | None:
    a, b = operands(node)
    left, right = _factors(a), _factors(b)
    for i, common in enumerate(left):
        for j, other in enumerate(right):
            y, z = left[1 - i], right[1 - j]
            if common is other and not is_constant(common) and not (is_constant(y) and is_constant(z)):
                return editor.insert(node, "Mul", common, editor.insert(node, node.op_type, y, z))
    return None


def _factors(value: ir.Value) -> tuple[ir.Value, ...]:
    node = value.producer()
    if node is None or node.op_type != "Mul" or not used_once(value) or not is_float(value):
        return ()
    return operands(node)
