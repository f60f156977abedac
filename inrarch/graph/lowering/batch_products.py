"""Products that sum over the rows of the batch, as hardware has them: one node that takes both operands row by row.

Rules (a [N, A] and b [N, B] computed, N not known):
1. MatMul(Transpose(a), b) -> Gemm(a, b, transA=1).
2. Where a (or b) is one number c for all rows ([N, 1]): c x ReduceSum of the other over the rows. The last layer of a
   sum of outputs has this.
3. MatMul(s, C) of a sum s [A, 1] and a constant C [1, B], or of constant and sum -> s x C: nothing is added up.
"""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

from inrarch.graph.attributes import attributes_of
from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import float64_of, is_constant, is_float, operand, operands
from inrarch.graph.shapes import dims_of


def run(model: ir.Model) -> int:
    """One sweep over MatMul; returns the number of rewrites."""
    return sweep(model, {"MatMul": (_product, _single)})


def _product(editor: Editor, node: ir.Node) -> ir.Value | None:
    transposed, right = operands(node)
    left = _transposed_rows(transposed)
    if left is None or not is_float(right) or not _has_rows(right):
        return None
    for number, other, is_left in ((_number_of_all_rows(left), right, True), (_number_of_all_rows(right), left, False)):
        if number is not None:
            total = _sum(editor, node, other, number)
            # [B] or [A], as [1, B] or [A, 1]
            axes = editor.sizes([0 if is_left else 1])
            return editor.insert(node, "Unsqueeze", total, axes, dims=dims_of(node.outputs[0]))
    return editor.insert(node, "Gemm", left, right, attributes={"transA": 1}, dims=dims_of(node.outputs[0]))


def _sum(editor: Editor, node: ir.Node, x: ir.Value, factor: float) -> ir.Value:
    """The sum of x [N, F] over its rows times a number: [F]."""
    dims = (dims_of(x) or ())[1:]
    total = editor.insert(node, "ReduceSum", x, editor.sizes([0]), attributes={"keepdims": 0}, dims=dims)
    return total if factor == 1 else editor.insert(node, "Mul", total, editor.number(factor, x))


def _single(editor: Editor, node: ir.Node) -> ir.Value | None:
    left, right = operands(node)
    sizes = (dims_of(left), dims_of(right))
    if is_constant(left) == is_constant(right) or not is_float(left) or None in sizes:
        return None
    (a, b) = (dims or () for dims in sizes)
    known = len(a) == len(b) == 2 and all(isinstance(size, int) for size in (*a, *b))
    return editor.insert(node, "Mul", left, right) if known and a[1] == 1 else None


def _transposed_rows(value: ir.Value) -> ir.Value | None:
    """The computed tensor [N, A] that a value [A, N] is the transpose of."""
    node = value.producer()
    if node is None or node.op_type != "Transpose" or tuple(attributes_of(node).get("perm", ())) != (1, 0):
        return None
    return operand(node) if _has_rows(operand(node)) else None


def _has_rows(value: ir.Value) -> bool:
    """Whether it is computed, [N, features], with N not known."""
    dims = dims_of(value)
    return not is_constant(value) and dims is not None and len(dims) == 2 and not isinstance(dims[0], int)


def _number_of_all_rows(value: ir.Value) -> float | None:
    """c, where the value [N, 1] is one constant expanded."""
    node, dims = value.producer(), dims_of(value)
    if node is None or node.op_type != "Expand" or dims is None or dims[-1] != 1:
        return None
    numbers = float64_of(operand(node))
    return None if numbers is None or numbers.size != 1 else float(np.asarray(numbers).reshape(()))
