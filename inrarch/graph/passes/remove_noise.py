"""Remove nodes that only pass a tensor on.

Rules:
1. Identity(x) -> x.
2. Reshape(x) -> x where the shape stays the same; Reshape(Reshape(x)) -> one Reshape.
3. Expand(x) -> x where the shape stays the same, or where every use is element-wise with another operand that has the
   expanded shape anyway.
4. Slice(x) -> x where it takes everything; Slice of Concat -> Slice of the one part that it lies in.
5. Concat of one tensor -> that tensor; Concat of neighbouring slices of one tensor -> one Slice.

Not handled: an Identity remains where an output is an input, a constant or another output (ONNX has no other way to say
so); slices with steps other than 1, with computed bounds, or on several axes at once (but for taking everything);
Reshape with a computed shape.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import onnx_ir as ir

from inrarch.graph.attributes import attributes_of
from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import array_of, operand
from inrarch.graph.shapes import Dims, dims_of, same_shape

_BROADCASTING = frozenset({"Add", "Sub", "Mul", "Div", "Greater", "Where"})


class Cut(NamedTuple):
    """x[…, start:end, …] along one axis of a known size."""

    x: ir.Value
    axis: int
    start: int
    end: int


def run(model: ir.Model) -> int:
    """One sweep; returns the number of rewrites."""
    return sweep(
        model,
        {
            "Identity": (_identity,),
            "Reshape": (_same_reshape, _reshape_twice),
            "Expand": (_same_expand, _expanded_by_users),
            "Slice": (_whole, _of_concat),
            "Concat": (_single, _of_slices),
        },
    )


def _identity(editor: Editor, node: ir.Node) -> ir.Value | None:
    x, y = operand(node), node.outputs[0]
    return None if y.is_graph_output() and (x.producer() is None or x.is_graph_output()) else x


def _same_reshape(editor: Editor, node: ir.Node) -> ir.Value | None:
    x, shape = operand(node), array_of(operand(node, 1))
    dims = dims_of(x)
    if same_shape(dims, dims_of(node.outputs[0])):
        return x
    if shape is None or dims is None or len(shape) != len(dims):
        return None
    as_before = not attributes_of(node).get("allowzero", 0)  # what a size 0 means
    changed = [
        size for size, dim in zip(shape.tolist(), dims, strict=True) if not (size == dim or (size == 0 and as_before))
    ]
    return x if changed in ([], [-1]) else None  # one open size is what the others leave over


def _reshape_twice(editor: Editor, node: ir.Node) -> ir.Value | None:
    inner, shape = operand(node).producer(), array_of(operand(node, 1))
    if inner is None or inner.op_type != "Reshape" or shape is None or (shape == 0).any():
        return None
    return editor.insert(node, "Reshape", operand(inner), operand(node, 1), dims=dims_of(node.outputs[0]))


def _same_expand(editor: Editor, node: ir.Node) -> ir.Value | None:
    x = operand(node)
    return x if same_shape(dims_of(x), dims_of(node.outputs[0])) else None


def _expanded_by_users(editor: Editor, node: ir.Node) -> ir.Value | None:
    y = node.outputs[0]
    dims = dims_of(y)
    if y.is_graph_output() or not y.uses():
        return None
    return operand(node) if all(_expands_itself(use.node, y, dims) for use in y.uses()) else None


def _expands_itself(user: ir.Node, value: ir.Value, dims: Dims | None) -> bool:
    others = [each for each in user.inputs if each is not None and each is not value]
    return user.op_type in _BROADCASTING and any(same_shape(dims_of(each), dims) for each in others)


def _cut(value: ir.Value) -> Cut | None:
    """How a value is one slice with step 1 along one axis, the bounds counted from 0."""
    node = value.producer()
    if node is None or node.op_type != "Slice":
        return None
    bounds = [None if each is None else array_of(each) for each in node.inputs[1:]]
    if any(each is None or each.size != 1 for each in bounds) or len(bounds) < 3:
        return None
    start, end, axis, step = (int(each.reshape(())) for each in [*bounds, np.array(1)][:4] if each is not None)
    dims = dims_of(operand(node))
    if dims is None or step != 1:
        return None
    size = dims[axis]
    if not isinstance(size, int):
        return None
    first, last = (min(max(bound + size if bound < 0 else bound, 0), size) for bound in (start, end))
    return Cut(operand(node), axis % len(dims), first, max(first, last))


def _insert_cut(editor: Editor, node: ir.Node, cut: Cut) -> ir.Value:
    bounds = operand(node, 1) if node.op_type == "Slice" else operand(_producer(operand(node)), 1)
    given = [editor.constant(np.array([number]), bounds, name="bound") for number in (cut.start, cut.end, cut.axis)]
    return editor.insert(node, "Slice", cut.x, *given, dims=dims_of(node.outputs[0]))


def _producer(value: ir.Value) -> ir.Node:
    node = value.producer()
    assert node is not None, f"{value.name} is not computed"
    return node


def _whole(editor: Editor, node: ir.Node) -> ir.Value | None:
    x = operand(node)
    steps = array_of(operand(node, 4)) if len(node.inputs) > 4 else np.array(1)
    all_forward = steps is not None and bool((steps == 1).all())
    return x if all_forward and same_shape(dims_of(x), dims_of(node.outputs[0])) else None


def _of_concat(editor: Editor, node: ir.Node) -> ir.Value | None:
    cut = _cut(node.outputs[0])
    whole = None if cut is None else cut.x.producer()
    if cut is None or whole is None or whole.op_type != "Concat":
        return None
    dims = dims_of(cut.x)
    if dims is None or whole.attributes["axis"].as_int() % len(dims) != cut.axis:
        return None
    first = 0
    for part in whole.inputs:
        size = None if part is None else (dims_of(part) or dims)[cut.axis]
        if part is None or not isinstance(size, int):
            return None
        if first <= cut.start and cut.end <= first + size:
            return _insert_cut(editor, node, Cut(part, cut.axis, cut.start - first, cut.end - first))
        first += size
    return None


def _single(editor: Editor, node: ir.Node) -> ir.Value | None:
    return operand(node) if len(node.inputs) == 1 else None


def _of_slices(editor: Editor, node: ir.Node) -> ir.Value | None:
    dims = dims_of(node.outputs[0])
    cuts = [None if value is None else _cut(value) for value in node.inputs]
    first, last = cuts[0], cuts[-1]
    if first is None or last is None or dims is None or node.attributes["axis"].as_int() % len(dims) != first.axis:
        return None
    for before, after in pairwise(cuts):
        if before is None or after is None or before.x is not after.x or before.axis != after.axis:
            return None
        if before.end != after.start:
            return None
    return _insert_cut(editor, node, Cut(first.x, first.axis, first.start, last.end))
