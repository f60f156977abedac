"""Matrix products that are not those of rows with one constant matrix.

Rules (float tensors):
1. MatMul(A, X) for a constant matrix A and X [N, …, k, n] -> Transpose(MatMul(Transpose(X), A^T)).
2. MatMul(X, Y) of stacks of matrices [N, …, m, k], [N, …, k, n], both computed or one a constant stack ->
   ReduceSum over the last axis of X [N, …, m, 1, k] x Y^T [N, …, 1, n, k].
3. Gemm with a computed bias -> Add(MatMul, bias).

The product of two tensors [rows, …] that sums over the rows stays.
"""

from __future__ import annotations

import onnx_ir as ir

from inrarch.graph.attributes import attributes_of
from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import array_of, is_constant, is_float, operand, operands
from inrarch.graph.shapes import Dims, broadcast, dims_of


def run(model: ir.Model) -> int:
    """One sweep over MatMul and Gemm; returns the number of rewrites."""
    return sweep(model, {"MatMul": (_constant_left, _stacks), "Gemm": (_computed_bias,)})


def _constant_left(editor: Editor, node: ir.Node) -> ir.Value | None:
    a, x = operands(node)
    matrix, dims = array_of(a), dims_of(x)
    if matrix is None or matrix.ndim != 2 or is_constant(x) or dims is None or len(dims) < 3:
        return None
    weight = editor.derived(a, "transposed", lambda: matrix.T, name=f"{a.name}/transposed")
    assert weight is not None  # the array is known
    return _swapped(editor, node, editor.insert(node, "MatMul", _swapped(editor, node, x), weight))


def _stacks(editor: Editor, node: ir.Node) -> ir.Value | None:
    x, y = operands(node)
    left, right = dims_of(x), dims_of(y)
    if left is None or right is None or not is_float(x) or (is_constant(x) and is_constant(y)):
        return None
    computed = [dims for value, dims in ((x, left), (y, right)) if not is_constant(value)]
    if min(len(left), len(right)) < 2 or any(len(dims) < 3 for dims in computed):
        return None
    if is_constant(y) and len(right) == 2:
        return None  # the product of rows with one matrix
    rank = max(len(left), len(right))
    rows = _unsqueezed(editor, node, x, len(left) - 1)
    columns = _unsqueezed(editor, node, _swapped(editor, node, y), len(right) - 2)
    terms = editor.insert(node, "Mul", rows, columns, dims=broadcast([dims_of(rows), dims_of(columns)]))
    last = editor.sizes([rank])
    return editor.insert(node, "ReduceSum", terms, last, attributes={"keepdims": 0}, dims=dims_of(node.outputs[0]))


def _computed_bias(editor: Editor, node: ir.Node) -> ir.Value | None:
    plain = all(attributes_of(node).get(key, usual) == usual for key, usual in _PLAIN.items())
    bias = node.inputs[2] if len(node.inputs) > 2 else None
    if bias is None or is_constant(bias) or not plain:
        return None
    product = editor.insert(node, "MatMul", operand(node), operand(node, 1), dims=dims_of(node.outputs[0]))
    return editor.insert(node, "Add", product, bias)


_PLAIN = {"alpha": 1.0, "beta": 1.0, "transA": 0, "transB": 0}


def _swapped(editor: Editor, node: ir.Node, value: ir.Value) -> ir.Value:
    """The value with its last two axes exchanged."""
    rank = len(dims_of(value) or ())
    return editor.insert(
        node, "Transpose", value, attributes={"perm": [*range(rank - 2), rank - 1, rank - 2]}, dims=_turned(value)
    )


def _turned(value: ir.Value) -> Dims:
    dims = dims_of(value) or ()
    return (*dims[:-2], dims[-1], dims[-2])


def _unsqueezed(editor: Editor, node: ir.Node, value: ir.Value, axis: int) -> ir.Value:
    dims = dims_of(value) or ()
    return editor.insert(node, "Unsqueeze", value, editor.sizes([axis]), dims=(*dims[:axis], 1, *dims[axis:]))
