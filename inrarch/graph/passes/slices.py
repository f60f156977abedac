"""Cutting and joining cancel.

Rules (u: used here only):
1. Slice(x) -> x where it takes everything.
2. Slice(Slice(x)) along one axis -> one Slice.
3. Slice(Concat(…)) along one axis -> Slice of the part that it lies in, or Concat of the parts that it consists of.
4. Concat(x) -> x.
5. Neighbouring slices of one tensor in a Concat -> one Slice: what was split and joined again is whole.
6. Concat(…, Concat(…)u, …) along one axis -> one Concat.

Not handled: slices with steps other than 1, with computed bounds, or on several axes at once (but for rule 1); a slice
that takes several parts of a Concat and cuts one of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import onnx_ir as ir

from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import array_of, operand, used_once
from inrarch.graph.shapes import dims_of, same_shape


class Cut(NamedTuple):
    """x[…, start:end, …] along one axis of a known size."""

    x: ir.Value
    axis: int
    start: int
    end: int


def run(model: ir.Model) -> int:
    """One sweep over Slice and Concat; returns the number of rewrites."""
    return sweep(model, {"Slice": (_whole, _of_slice, _of_concat), "Concat": (_single, _of_slices, _of_concats)})


def _cut(value: ir.Value | None) -> Cut | None:
    """How a value is one slice with step 1 along one axis, the bounds counted from 0."""
    node = None if value is None else value.producer()
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
    """The slice, or the tensor itself where it takes everything."""
    dims = dims_of(cut.x)
    assert dims is not None, f"{cut.x.name} has no shape"
    if (cut.start, cut.end) == (0, dims[cut.axis]):
        return cut.x
    given = [editor.sizes([number]) for number in (cut.start, cut.end, cut.axis)]
    sizes = (*dims[: cut.axis], cut.end - cut.start, *dims[cut.axis + 1 :])
    return editor.insert(node, "Slice", cut.x, *given, dims=sizes)


def _whole(editor: Editor, node: ir.Node) -> ir.Value | None:
    x = operand(node)
    steps = array_of(operand(node, 4)) if len(node.inputs) > 4 else np.array(1)
    all_forward = steps is not None and bool((steps == 1).all())
    return x if all_forward and same_shape(dims_of(x), dims_of(node.outputs[0])) else None


def _of_slice(editor: Editor, node: ir.Node) -> ir.Value | None:
    outer, inner = _cut(node.outputs[0]), _cut(operand(node))
    if outer is None or inner is None or outer.axis != inner.axis:
        return None
    start = inner.start + outer.start
    return _insert_cut(editor, node, Cut(inner.x, inner.axis, start, start + outer.end - outer.start))


def _of_concat(editor: Editor, node: ir.Node) -> ir.Value | None:
    cut = _cut(node.outputs[0])
    parts = None if cut is None else _parts(cut.x)
    if cut is None or parts is None or parts[0] != cut.axis or cut.start == cut.end:
        return None
    first, taken = 0, []
    for part, size in parts[1]:
        if first <= cut.start and cut.end <= first + size:
            return _insert_cut(editor, node, Cut(part, cut.axis, cut.start - first, cut.end - first))
        if cut.start <= first and first + size <= cut.end:
            taken.append((part, size))
        first += size
    if sum(size for _, size in taken) < cut.end - cut.start:
        return None
    values = [part for part, _ in taken]
    return editor.insert(node, "Concat", *values, attributes={"axis": cut.axis}, dims=dims_of(node.outputs[0]))


def _parts(value: ir.Value) -> tuple[int, list[tuple[ir.Value, int]]] | None:
    """The axis (from 0) and the parts of a Concat with their known sizes along it."""
    node, dims = value.producer(), dims_of(value)
    if node is None or node.op_type != "Concat" or dims is None:
        return None
    axis = node.attributes["axis"].as_int() % len(dims)
    parts = []
    for part in node.inputs:
        given = None if part is None else dims_of(part)
        size = None if given is None else given[axis]
        if part is None or not isinstance(size, int):
            return None
        parts.append((part, size))
    return axis, parts


def _single(editor: Editor, node: ir.Node) -> ir.Value | None:
    return operand(node) if len(node.inputs) == 1 else None


def _of_slices(editor: Editor, node: ir.Node) -> ir.Value | None:
    dims = dims_of(node.outputs[0])
    if dims is None:
        return None
    axis = node.attributes["axis"].as_int() % len(dims)
    joined: list[tuple[ir.Value | None, Cut | None]] = []
    for value in node.inputs:
        cut, before = _cut(value), joined[-1][1] if joined else None
        if cut is not None and before is not None and _continues(before, cut, axis):
            joined[-1] = None, before._replace(end=cut.end)
        else:
            joined.append((value, cut))
    if len(joined) == len(node.inputs):
        return None
    values = []
    for value, cut in joined:
        if value is None and cut is not None:
            value = _insert_cut(editor, node, cut)
        values.append(value)
    if len(values) == 1:
        return values[0]
    return editor.insert(node, "Concat", *values, attributes={"axis": axis}, dims=dims)


def _continues(before: Cut, after: Cut, axis: int) -> bool:
    return before.x is after.x and before.axis == after.axis == axis and before.end == after.start


def _of_concats(editor: Editor, node: ir.Node) -> ir.Value | None:
    dims = dims_of(node.outputs[0])
    if dims is None:
        return None
    axis = node.attributes["axis"].as_int() % len(dims)
    values: list[ir.Value | None] = []
    for value in node.inputs:
        inner = None if value is None or not used_once(value) else value.producer()
        if inner is not None and inner.op_type == "Concat" and inner.attributes["axis"].as_int() % len(dims) == axis:
            values.extend(inner.inputs)
        else:
            values.append(value)
    if len(values) == len(node.inputs):
        return None
    return editor.insert(node, "Concat", *values, attributes={"axis": axis}, dims=dims)
