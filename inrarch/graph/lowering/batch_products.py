"""Products that sum over the rows of the batch, as hardware has them: one node that takes both operands row by row.

Rules (a [N, A] and b [N, B] computed, N not known):
1. MatMul(Transpose(a), b) -> Gemm(a, b, transA=1).
2. Where a is one number c for all rows ([N, 1]): c x ReduceSum(b) over the rows; it is what the last layer of a sum of
   outputs has.
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
    return sweep(model, {"MatMul": (_repeated_number, _product)})


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


def _product(editor: Editor, node: ir.Node) -> ir.Value | None:
    left, right = operands(node)
    rows = _transposed_rows(left)
    if rows is None or not is_float(right) or not _has_rows(right):
        return None
    return editor.insert(node, "Gemm", rows, right, attributes={"transA": 1}, dims=dims_of(node.outputs[0]))


def _repeated_number(editor: Editor, node: ir.Node) -> ir.Value | None:
    left, right = operands(node)
    rows = _transposed_rows(left)
    number = None if rows is None else _number_of_all_rows(rows)
    if number is None or not is_float(right) or not _has_rows(right):
        return None
    axes = editor.sizes([0])
    total = editor.insert(node, "ReduceSum", right, axes, attributes={"keepdims": 1}, dims=dims_of(node.outputs[0]))
    return total if number == 1 else editor.insert(node, "Mul", total, editor.number(number, right))


def _number_of_all_rows(value: ir.Value) -> float | None:
    """c, where the value [N, 1] is one constant expanded."""
    node, dims = value.producer(), dims_of(value)
    if node is None or node.op_type != "Expand" or dims is None or dims[-1] != 1:
        return None
    numbers = float64_of(operand(node))
    return None if numbers is None or numbers.size != 1 else float(np.asarray(numbers).reshape(()))
