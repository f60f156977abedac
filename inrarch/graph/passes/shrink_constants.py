"""Constants of element-wise operators in their smallest shape, so that equal ones are seen to be equal.

Rules (the other operand alone has the shape of the result):
1. A constant whose elements are all equal -> a scalar.
2. A constant [1, …, 1, F] -> [F], and so on for any leading axes of size 1.

Applies to Add, Sub, Mul, Div, Greater. Not handled: axes of size 1 that are not leading; constants whose shape enlarges
the other operand; -0.0 counts as equal to 0.0.
"""

from __future__ import annotations

import onnx_ir as ir

from inrarch.graph.passes.editor import Editor
from inrarch.graph.passes.patterns import Array, array_of, fits, is_constant, operands
from inrarch.graph.shapes import dims_of

_OPERATORS = frozenset({"Add", "Sub", "Mul", "Div", "Greater"})


def run(model: ir.Model) -> int:
    """One sweep over the element-wise operators with two operands; returns the number of constants replaced."""
    editor = Editor(model.graph)
    changes = 0
    for node in model.graph:
        if node.op_type not in _OPERATORS or node.domain:
            continue
        pair = operands(node)
        for position, constant in enumerate(pair):
            other, array = pair[1 - position], array_of(constant)
            if array is None or array.ndim == 0 or is_constant(other) or not fits(array, dims_of(other)):
                continue
            smaller = _smaller(array)
            if smaller.ndim < array.ndim:
                node.replace_input_with(position, editor.constant(smaller, constant, name=constant.name or "constant"))
                changes += 1
    return changes


def _smaller(array: Array) -> Array:
    if array.size and (array == array.flat[0]).all():
        return array.ravel()[:1].reshape(())
    leading = 0
    while array.shape[leading] == 1:
        leading += 1
    return array.reshape(array.shape[leading:])
