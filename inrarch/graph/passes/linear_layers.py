"""One form for linear layers: MatMul(x, W), or Gemm(x, W, b) of rank 2 without attributes, with a constant b[M].

Rules:
1. Gemm's alpha and beta are folded into a constant W and b, otherwise become Mul; transA and transB become Transpose.
2. Gemm without b, or with b = 0 -> MatMul.
3. Gemm with a constant b of shape [], [1] or [1, M] -> b[M]; with any other b (computed, or [N, M]) -> MatMul + Add.
4. MatMul(x, W)u + c -> Gemm(x, W, c) and Gemm(x, W, b)u + c -> Gemm(x, W, b + c), for rank 2, constant W and c that is
   the same for all rows (u: the result is used here only).
5. MatMul((x + c)u, W) -> Gemm(x, W, c W) and Gemm((x + c)u, W, b) -> Gemm(x, W, b + c W), likewise.

Not handled: x of rank above 2 keeps MatMul and Add; c - MatMul(x, W); weights that are computed from the inputs; W is
not moved from the left to the right here (see `transposes`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import (
    Array,
    array_of,
    float64_of,
    is_constant,
    is_float,
    multiplied,
    operand,
    scaled_name,
    split_constant,
    used_once,
)
from inrarch.graph.shapes import dims_of


def run(model: ir.Model) -> int:
    """One sweep over Gemm, MatMul and Add; returns the number of rewrites."""
    plain = (_plain_gemm, _bias_form, _offset_before)
    return sweep(model, {"Gemm": plain, "MatMul": (_offset_before,), "Add": (_bias_after,)})


def _attribute(node: ir.Node, name: str, default: Any) -> Any:
    attribute = node.attributes.get(name)
    return default if attribute is None else attribute.value


def _bias_of(node: ir.Node) -> ir.Value | None:
    return node.inputs[2] if len(node.inputs) > 2 else None


def _layer(editor: Editor, node: ir.Node, x: ir.Value, weight: ir.Value, bias: ir.Value | None) -> ir.Value:
    dims = dims_of(node.outputs[0])
    if bias is None:
        return editor.insert(node, "MatMul", x, weight, dims=dims)
    return editor.insert(node, "Gemm", x, weight, bias, dims=dims)


def _plain_gemm(editor: Editor, node: ir.Node) -> ir.Value | None:
    if not node.attributes:
        return None
    x, weight, bias = operand(node), operand(node, 1), _bias_of(node)
    if _attribute(node, "transA", 0):
        x = editor.insert(node, "Transpose", x, attributes={"perm": [1, 0]})
    if _attribute(node, "transB", 0):
        weight = _transposed(editor, node, weight)
    weight = _times(editor, node, weight, _attribute(node, "alpha", 1.0))
    if bias is not None:
        bias = _times(editor, node, bias, _attribute(node, "beta", 1.0))
    return _layer(editor, node, x, weight, bias)


def _transposed(editor: Editor, node: ir.Node, weight: ir.Value) -> ir.Value:
    array = array_of(weight)
    shared = None
    if array is not None:
        shared = editor.derived(weight, "transposed", lambda: array.T, name=f"{weight.name}/transposed")
    return shared or editor.insert(node, "Transpose", weight, attributes={"perm": [1, 0]})


def _times(editor: Editor, node: ir.Node, value: ir.Value, factor: float) -> ir.Value:
    if factor == 1.0:
        return value
    number, shared = np.asarray(factor), None
    if is_constant(value):
        shared = editor.derived(value, factor, lambda: multiplied(value, number), name=scaled_name(value))
    return shared or editor.insert(node, "Mul", value, editor.number(factor, value))


def _bias_form(editor: Editor, node: ir.Node) -> ir.Value | None:
    x, weight, bias = operand(node), operand(node, 1), _bias_of(node)
    dims = dims_of(weight)
    columns = dims[-1] if dims else None
    if bias is None:
        return _layer(editor, node, x, weight, None)
    array = float64_of(bias)
    vector = None if array is None else _row(array, columns)
    if vector is None:
        if array is not None and columns is None:
            return None
        return editor.insert(node, "Add", _layer(editor, node, x, weight, None), bias)
    if not vector.any():
        return _layer(editor, node, x, weight, None)
    if array is not None and array.shape == vector.shape:
        return None
    return _layer(editor, node, x, weight, editor.constant(vector, bias, name=bias.name or "bias"))


def _row(array: Array, columns: int | str | None) -> Array | None:
    """A constant of shape [], [1], [M] or [1, M] as [M]; None for any other."""
    if not isinstance(columns, int) or array.ndim > 2 or (array.ndim == 2 and array.shape[0] != 1):
        return None
    return np.broadcast_to(array.reshape(-1), (columns,)) if array.size in (1, columns) else None


def _offset_before(editor: Editor, node: ir.Node) -> ir.Value | None:
    x, weight = operand(node), array_of(operand(node, 1))
    inner = x.producer()
    if inner is None or inner.op_type != "Add" or not used_once(x) or weight is None or weight.ndim != 2:
        return None
    parts = split_constant(inner)
    dims = dims_of(x)
    offset = None if parts is None else _row(parts[2], weight.shape[0])
    if parts is None or offset is None or dims is None or len(dims) != 2 or not _is_matrix(parts[0]):
        return None
    vector: Array = offset @ weight
    bias = _bias_of(node)
    if bias is not None:
        present = float64_of(bias)
        if present is None:
            return None
        vector = vector + present
    return _layer(editor, node, parts[0], operand(node, 1), editor.constant(vector, x, name=f"{node.name}/bias"))


def _is_matrix(value: ir.Value) -> bool:
    dims = dims_of(value)
    return dims is not None and len(dims) == 2


def _bias_after(editor: Editor, node: ir.Node) -> ir.Value | None:
    parts = split_constant(node)
    layer = None if parts is None else parts[0].producer()
    if parts is None or layer is None or layer.op_type not in ("MatMul", "Gemm") or not used_once(parts[0]):
        return None
    x, weight = operand(layer), array_of(operand(layer, 1))
    if weight is None or weight.ndim != 2 or not is_float(x) or not _is_matrix(x):
        return None
    vector = _row(parts[2], weight.shape[1])
    bias = _bias_of(layer)
    present = None if bias is None else float64_of(bias)
    if vector is None or (bias is not None and present is None):
        return None
    total = vector if present is None else vector + present
    return _layer(editor, node, x, operand(layer, 1), editor.constant(total, x, name=f"{layer.name}/bias"))
