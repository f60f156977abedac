"""Sums and means over the batch, whose number of rows is recorded in the model (`inrarch.graph.recorded_batch`).

Rules (x [N, …] with N not known from its shape, axis 0 among the axes that are reduced):
1. ReduceMean(x) -> ReduceSum(x) x 1/n, for n entries; N is the recorded number of rows.
2. ReduceSum of one number expanded -> the number times n.
3. ReduceSum(x) over axis 0 and others -> over the others, then over axis 0: one unit sums the features of a row, one
   the rows.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import onnx_ir as ir

from inrarch.graph.attributes import attributes_of
from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import array_of, float64_of, is_constant, is_float, operand
from inrarch.graph.recorded_batch import recorded_batch
from inrarch.graph.shapes import Dims, dims_of


def run(model: ir.Model) -> int:
    """One sweep over ReduceMean and ReduceSum; returns the number of rewrites."""
    rows = recorded_batch(model)
    if rows is None:
        return 0
    return sweep(model, {"ReduceMean": (partial(_mean, rows),), "ReduceSum": (partial(_repeated, rows), _in_two)})


def _axes(node: ir.Node) -> list[int] | None:
    """The axes that are reduced, from 0, where the batch is one of them; else None."""
    x = operand(node)
    dims = dims_of(x)
    listed = node.inputs[1] if len(node.inputs) > 1 else None
    axes = None if listed is None else array_of(listed)
    if not dims or isinstance(dims[0], int) or not is_float(x) or (listed is not None and axes is None):
        return None
    if axes is not None and axes.size:
        chosen = sorted({int(axis) % len(dims) for axis in axes.reshape(-1)})
    else:
        chosen = [] if attributes_of(node).get("noop_with_empty_axes", 0) else list(range(len(dims)))
    known = all(isinstance(dims[axis], int) for axis in chosen if axis)
    return chosen if chosen[:1] == [0] and known else None


def _entries(node: ir.Node, rows: int, axes: list[int]) -> int:
    dims = dims_of(operand(node)) or ()
    return math.prod([rows, *(size for size in (dims[axis] for axis in axes[1:]) if isinstance(size, int))])


def _mean(rows: int, editor: Editor, node: ir.Node) -> ir.Value | None:
    axes = _axes(node)
    if axes is None:
        return None
    total = editor.insert(
        node,
        "ReduceSum",
        operand(node),
        *node.inputs[1:],
        attributes=attributes_of(node),
        dims=dims_of(node.outputs[0]),
    )
    return editor.insert(node, "Mul", total, editor.number(1 / _entries(node, rows, axes), total))


def _repeated(rows: int, editor: Editor, node: ir.Node) -> ir.Value | None:
    axes, producer, dims = _axes(node), operand(node).producer(), dims_of(node.outputs[0])
    if axes is None or producer is None or producer.op_type != "Expand" or dims is None:
        return None
    numbers, sizes = float64_of(operand(producer)), [size for size in dims if isinstance(size, int)]
    if numbers is None or numbers.size != 1 or len(sizes) != len(dims):
        return None
    total = float(np.asarray(numbers).reshape(())) * _entries(node, rows, axes)
    return editor.constant(np.full(sizes, total), operand(node), name=f"number_{total + 0.0:g}")


def _in_two(editor: Editor, node: ir.Node) -> ir.Value | None:
    axes, x = _axes(node), operand(node)
    if axes is None or is_constant(x):
        return None
    attributes, dims = attributes_of(node), dims_of(x) or ()
    if len(axes) == 1:
        listed = node.inputs[1] if len(node.inputs) > 1 else None
        array = None if listed is None else array_of(listed)
        return None if array is not None and array.tolist() == [0] else _reduced(editor, node, x, [0])
    others = axes[1:]
    if attributes.get("keepdims", 1):
        inner: Dims = tuple(1 if axis in others else size for axis, size in enumerate(dims))
    else:
        inner = tuple(size for axis, size in enumerate(dims) if axis not in others)
    if all(dims[axis] == 1 for axis in others):  # nothing to add up
        squeezed = inner == dims
        rest = x if squeezed else editor.insert(node, "Squeeze", x, editor.sizes(others), dims=inner)
    else:
        rest = editor.insert(node, "ReduceSum", x, editor.sizes(others), attributes=attributes, dims=inner)
    return _reduced(editor, node, rest, [0])


def _reduced(editor: Editor, node: ir.Node, x: ir.Value, axes: list[int]) -> ir.Value:
    dims = dims_of(node.outputs[0])
    return editor.insert(node, "ReduceSum", x, editor.sizes(axes), attributes=attributes_of(node), dims=dims)
