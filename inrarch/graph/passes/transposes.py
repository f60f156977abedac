"""Transpositions meet, cancel, or are computed on constants.

Rules (u: the inner result is used here only):
1. Transpose(x) with the order 0, 1, 2, … -> x; Transpose(Transpose(x)) -> one Transpose.
2. f(Transpose(x)u) -> Transpose(f(x)) for element-wise f.
3. Transpose(x)u ∘ Transpose(y)u -> Transpose(x ∘ y) for the same order and ∘ one of + - x /; also with a constant in
   place of one operand, which is transposed instead.
4. MatMul(C, Transpose(x)u) -> Transpose(MatMul(x, Cᵀ)) for a constant matrix C: the weight comes to the right.
u is relaxed: the transposition may have several uses if each of them is of the kinds 1-4.

Transpositions only move towards the outputs. Transposed constants are folded by `fold_constants`, Gemm's own flags by
`linear_layers`. Not handled: transpositions in front of Gemm, Concat, Slice and Reshape; element-wise operands of
different rank (other than constants).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from inrarch.graph.passes.editor import ARITHMETIC, ELEMENTWISE, FUNCTIONS, Editor, sweep
from inrarch.graph.passes.patterns import Array, array_of, is_constant, operand, operands
from inrarch.graph.shapes import dims_of


def run(model: ir.Model) -> int:
    """One sweep; returns the number of rewrites."""
    unary = dict.fromkeys(FUNCTIONS, (_through_unary,))
    binary = dict.fromkeys(ARITHMETIC, (_through_binary,))
    return sweep(model, {"Transpose": (_compose,), "MatMul": (_left_constant,), **unary, **binary})


def _order(node: ir.Node) -> tuple[int, ...] | None:
    attribute = node.attributes.get("perm")
    if attribute is not None:
        return tuple(attribute.as_ints())
    dims = dims_of(operand(node))
    return None if dims is None else tuple(reversed(range(len(dims))))


def _transposed(value: ir.Value) -> tuple[ir.Value, tuple[int, ...]] | None:
    """x and the order where the value is Transpose(x)."""
    node = value.producer()
    order = _order(node) if node is not None and node.op_type == "Transpose" else None
    return None if node is None or order is None else (operand(node), order)


def _movable(value: ir.Value) -> tuple[ir.Value, tuple[int, ...]] | None:
    """As `_transposed`, if every use of the value lets the transposition through."""
    found = _transposed(value)
    if found is None or value.is_graph_output():
        return None
    return found if all(_lets_through(use.node, value, found[1]) for use in value.uses()) else None


def _lets_through(node: ir.Node, value: ir.Value, order: Sequence[int]) -> bool:
    if node.op_type == "Transpose":
        return True
    if node.op_type == "MatMul":
        return operand(node, 1) is value and _is_matrix(operand(node))
    if node.op_type in ARITHMETIC:
        return all(each is value or _matches(each, order) for each in operands(node))
    return node.op_type in ELEMENTWISE


def _matches(value: ir.Value, order: Sequence[int]) -> bool:
    if is_constant(value):
        return len(dims_of(value) or ()) <= len(order)
    found = _transposed(value)
    return found is not None and found[1] == tuple(order)


def _is_matrix(value: ir.Value) -> bool:
    return is_constant(value) and len(dims_of(value) or ()) == 2


def _transpose(editor: Editor, node: ir.Node, value: ir.Value, order: Sequence[int]) -> ir.Value:
    return editor.insert(node, "Transpose", value, attributes={"perm": list(order)})


def _compose(editor: Editor, node: ir.Node) -> ir.Value | None:
    order = _order(node)
    if order is None:
        return None
    if order == tuple(range(len(order))):
        return operand(node)
    inner = _transposed(operand(node))
    return None if inner is None else _transpose(editor, node, inner[0], [inner[1][axis] for axis in order])


def _through_unary(editor: Editor, node: ir.Node) -> ir.Value | None:
    found = _movable(operand(node))
    if found is None:
        return None
    return _transpose(editor, node, editor.insert(node, node.op_type, found[0], attributes=node.attributes), found[1])


def _through_binary(editor: Editor, node: ir.Node) -> ir.Value | None:
    pair = operands(node)
    orders = [found[1] for value in pair if (found := _movable(value)) is not None]
    if not orders or not all(_matches(value, orders[0]) for value in pair):
        return None
    inner = [_without(editor, value, orders[0]) for value in pair]
    return _transpose(editor, node, editor.insert(node, node.op_type, *inner), orders[0])


def _without(editor: Editor, value: ir.Value, order: Sequence[int]) -> ir.Value:
    """The value before the transposition; a constant is brought to the full rank and transposed back."""
    found = _transposed(value)
    if found is not None:
        return found[0]
    array = array_of(value)
    assert array is not None, f"{value.name} is no constant"
    full: Array = array.reshape((1,) * (len(order) - array.ndim) + array.shape)
    return editor.constant(full.transpose(np.argsort(order)), value, name=f"{value.name}/transposed")


def _left_constant(editor: Editor, node: ir.Node) -> ir.Value | None:
    left, right = operands(node)
    found = _movable(right)
    array = array_of(left) if _is_matrix(left) else None
    if found is None or array is None or found[1] != (1, 0):
        return None
    weight = editor.derived(left, "transposed", lambda: array.T, name=f"{left.name}/transposed")
    assert weight is not None, f"{left.name} cannot be transposed"
    return _transpose(editor, node, editor.insert(node, "MatMul", found[0], weight), found[1])
