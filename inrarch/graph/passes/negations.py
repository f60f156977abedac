"""Make negations disappear into what stands around them.

Rules (float tensors):
1. -(-x) -> x.
2. a + (-b) -> a - b; (-a) + b -> b - a; a - (-b) -> a + b.
3. c - x is the form for (-x) + c; x - c -> x + (-c) with a constant c.
4. -(x x c) -> x x (-c); and where the inner result is used here only, -(c / x) -> (-c) / x, -(x + c) -> (-c) - x.
5. -(a - b) -> b - a, where a - b is used here only.
6. (-x) x (-y) -> x x y, likewise x / y; cos(-x) -> cos(x); (-x) x c -> x x (-c).
7. A negation whose every use can take the sign further, to a place where rules 1-6 remove it, is moved there: through
   x and / by computed values, through the first operand of -, MatMul without bias, Sin, Tanh and changes of shape. It
   is moved only where it vanishes on every path, so the number of negations never grows.

Not handled: signs are not traded between the terms of longer sums; Gemm with a bias, Concat and every other operator
stop a negation, and so does a graph output; a sign is followed over at most 100 values.
"""

from __future__ import annotations

import onnx_ir as ir

from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import (
    float64_of,
    is_constant,
    is_float,
    operand,
    operands,
    split_constant,
    used_once,
)
from inrarch.graph.shapes import dims_of

_REACH = 100
_ODD = frozenset({"Sin", "Tanh", "Reshape", "Transpose", "Slice", "Expand", "Squeeze", "Unsqueeze"})


def run(model: ir.Model) -> int:
    """One sweep; returns the number of rewrites."""
    return sweep(
        model,
        {
            "Neg": (_double, _of_product, _of_quotient, _of_sum, _of_difference),
            "Add": (_add,),
            "Sub": (_subtract,),
            "Mul": (_both_signs, _times_constant, _pull_out),
            "Div": (_both_signs, _pull_out),
            "MatMul": (_pull_out,),
            "Cos": (_even,),
            **dict.fromkeys(_ODD, (_pull_out,)),
        },
    )


def _negated(value: ir.Value | None) -> ir.Value | None:
    """x where the value is -x."""
    node = None if value is None else value.producer()
    return operand(node) if node is not None and node.op_type == "Neg" and is_float(operand(node)) else None


def _minus(editor: Editor, constant: ir.Value) -> ir.Value:
    array = float64_of(constant)
    assert array is not None, f"{constant.name} is not a float constant"
    return editor.constant(-array, constant, name=f"minus_{constant.name}")


def _double(editor: Editor, node: ir.Node) -> ir.Value | None:
    return _negated(operand(node))


def _of_product(editor: Editor, node: ir.Node) -> ir.Value | None:
    inner = operand(node).producer()
    parts = split_constant(inner) if inner is not None and inner.op_type == "Mul" else None
    return None if parts is None else editor.insert(node, "Mul", parts[0], _minus(editor, parts[1]))


def _of_quotient(editor: Editor, node: ir.Node) -> ir.Value | None:
    inner = operand(node).producer()
    if inner is None or inner.op_type != "Div" or not used_once(operand(node)):
        return None
    a, b = operands(inner)
    return editor.insert(node, "Div", _minus(editor, a), b) if float64_of(a) is not None else None


def _of_sum(editor: Editor, node: ir.Node) -> ir.Value | None:
    inner = operand(node).producer()
    if inner is None or inner.op_type != "Add" or not used_once(operand(node)):
        return None
    parts = split_constant(inner)
    if parts is None:
        return None
    return editor.insert(node, "Sub", _minus(editor, parts[1]), parts[0])


def _of_difference(editor: Editor, node: ir.Node) -> ir.Value | None:
    inner = operand(node).producer()
    if inner is None or inner.op_type != "Sub" or not used_once(operand(node)) or not is_float(operand(node)):
        return None
    a, b = operands(inner)
    return editor.insert(node, "Sub", b, a)


def _add(editor: Editor, node: ir.Node) -> ir.Value | None:
    a, b = operands(node)
    if (x := _negated(b)) is not None:
        return editor.insert(node, "Sub", a, x)
    if (x := _negated(a)) is not None:
        return editor.insert(node, "Sub", b, x)
    return None


def _subtract(editor: Editor, node: ir.Node) -> ir.Value | None:
    a, b = operands(node)
    if (x := _negated(b)) is not None:
        return editor.insert(node, "Add", a, x)
    if float64_of(b) is not None and not is_constant(a):
        return editor.insert(node, "Add", a, _minus(editor, b))
    x = _negated(a)
    if x is not None and _vanishes(a):
        return editor.insert(node, "Neg", editor.insert(node, "Add", x, b))
    return None


def _both_signs(editor: Editor, node: ir.Node) -> ir.Value | None:
    a, b = map(_negated, operands(node))
    return None if a is None or b is None else editor.insert(node, node.op_type, a, b)


def _times_constant(editor: Editor, node: ir.Node) -> ir.Value | None:
    parts = split_constant(node)
    x = None if parts is None else _negated(parts[0])
    if parts is None or x is None:
        return None
    return editor.insert(node, "Mul", x, _minus(editor, parts[1]))


def _even(editor: Editor, node: ir.Node) -> ir.Value | None:
    x = _negated(operand(node))
    return None if x is None else editor.insert(node, "Cos", x)


def _pull_out(editor: Editor, node: ir.Node) -> ir.Value | None:
    """op(…, -x, …) -> -op(…, x, …)."""
    for position, value in enumerate(node.inputs):
        x = _negated(value)
        if value is not None and x is not None and _passes_through(node, position) and _vanishes(value):
            given = [x if index == position else other for index, other in enumerate(node.inputs)]
            result = node.outputs[0]
            same = editor.insert(node, node.op_type, *given, attributes=node.attributes, dims=dims_of(result))
            return editor.insert(node, "Neg", same)
    return None


def _passes_through(node: ir.Node, position: int) -> bool:
    if node.op_type in ("Mul", "Div"):
        return True
    return node.op_type == "MatMul" or (node.op_type in _ODD and position == 0)


def _vanishes(value: ir.Value) -> bool:
    """Whether the sign of this negated value can be absorbed by every one of its uses."""
    return _absorbed(value, {})


def _absorbed(value: ir.Value, known: dict[int, bool]) -> bool:
    """Whether all users of a value could work with its negative without a Neg being left anywhere."""
    if id(value) not in known:
        if len(known) == _REACH:
            return False
        known[id(value)] = False  # counts as visited; a graph has no cycles, so nobody reads it before the next line
        known[id(value)] = not value.is_graph_output() and all(
            _use_absorbs(use.node, use.idx, known) for use in value.uses()
        )
    return known[id(value)]


def _use_absorbs(node: ir.Node, position: int, known: dict[int, bool]) -> bool:
    if node.op_type in ("Neg", "Cos"):
        return True
    if node.op_type in ("Add", "Sub"):
        a, b = operands(node)
        if a is b:
            return _absorbed(node.outputs[0], known)
        if node.op_type == "Add" and not (_negated(a) is not None and _negated(b) is not None):
            return True
        return (node.op_type == "Sub" and position == 1) or _absorbed(node.outputs[0], known)
    if node.op_type in ("Mul", "Div"):
        a, b = operands(node)
        return a is b or is_constant(a) or is_constant(b) or _absorbed(node.outputs[0], known)
    return _passes_through(node, position) and _absorbed(node.outputs[0], known)
