"""Casts that change nothing.

Rules:
1. Cast(x) to the type that x has -> x.
2. Cast(Cast(x)) -> one Cast, or x, where the first one loses nothing.

Not handled: casts after which only some numbers of the type occur.
"""

from __future__ import annotations

import onnx_ir as ir

from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import operand
from inrarch.graph.shapes import dims_of

_T = ir.DataType
_LOSSLESS = {
    _T.BOOL: {_T.INT32, _T.INT64, _T.FLOAT, _T.DOUBLE},
    _T.INT32: {_T.INT64, _T.DOUBLE},
    _T.INT64: set(),
    _T.FLOAT: {_T.DOUBLE},
    _T.DOUBLE: set(),
}
"""Types that represent every number of a type."""


def run(model: ir.Model) -> int:
    """One sweep over Cast; returns the number of rewrites."""
    return sweep(model, {"Cast": (_same_type, _after_lossless)})


def _same_type(editor: Editor, node: ir.Node) -> ir.Value | None:
    x = operand(node)
    return x if x.dtype is not None and x.dtype == node.outputs[0].dtype else None


def _after_lossless(editor: Editor, node: ir.Node) -> ir.Value | None:
    between = operand(node)
    inner = between.producer()
    if inner is None or inner.op_type != "Cast" or between.dtype is None:
        return None
    x = operand(inner)
    if x.dtype is None or between.dtype not in _LOSSLESS.get(x.dtype, set()):
        return None
    if x.dtype == node.outputs[0].dtype:
        return x
    result = editor.insert(node, "Cast", x, attributes=node.attributes, dims=dims_of(node.outputs[0]))
    result.type = node.outputs[0].type
    return result
