"""Reductions over axes of known size, by sums, products and comparisons.

Rules (float tensors; n entries are reduced):
1. ReduceMean(x) -> ReduceSum(x) x 1/n.
2. ReduceSumSquare(x) -> ReduceSum(x x), ReduceL2(x) -> Sqrt(ReduceSum(x x)), ReduceL1(x) -> ReduceSum(Abs(x)),
   ReduceLogSum(x) -> Log(ReduceSum(x)), ReduceLogSumExp(x) -> Log(ReduceSum(Exp(x))).
3. ReduceMax, ReduceMin: of the first and the last half of an axis the larger (smaller) entries, until one is left; the
   halves of an odd number overlap. ReduceProd: the products of the halves; an entry in the middle is joined again.
4. ReduceSum(x) over axes of size 1 -> x, or Squeeze(x).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import onnx_ir as ir

from inrarch.graph.attributes import attributes_of
from inrarch.graph.lowering.writing import truth, where
from inrarch.graph.passes.editor import Editor, Rule, sweep
from inrarch.graph.passes.patterns import array_of, is_float, operand
from inrarch.graph.shapes import Dims, dims_of

_LARGEST_EXP_SUM = "ReduceLogSumExp"


def run(model: ir.Model) -> int:
    """One sweep over the reductions; returns the number of rewrites."""
    rules: dict[str, Sequence[Rule]] = {
        "ReduceSum": (_of_one,),
        "ReduceMean": (_mean,),
        "ReduceSumSquare": (_square,),
        "ReduceL2": (_square,),
        "ReduceL1": (_absolute,),
        "ReduceLogSum": (_logarithm,),
        _LARGEST_EXP_SUM: (_logarithm,),
        "ReduceMax": (_by_halves,),
        "ReduceMin": (_by_halves,),
        "ReduceProd": (_by_halves,),
    }
    return sweep(model, rules)


def _mean(editor: Editor, node: ir.Node) -> ir.Value | None:
    sizes = _sizes(node)
    if sizes is None:
        return None
    total = _sum(editor, node, operand(node))
    return editor.insert(node, "Mul", total, editor.number(1 / math.prod(sizes.values()), total))


def _square(editor: Editor, node: ir.Node) -> ir.Value | None:
    x = operand(node)
    if _sizes(node) is None:
        return None
    total = _sum(editor, node, editor.insert(node, "Mul", x, x))
    return total if node.op_type == "ReduceSumSquare" else editor.insert(node, "Sqrt", total)


def _absolute(editor: Editor, node: ir.Node) -> ir.Value | None:
    return None if _sizes(node) is None else _sum(editor, node, editor.insert(node, "Abs", operand(node)))


def _logarithm(editor: Editor, node: ir.Node) -> ir.Value | None:
    if _sizes(node) is None:
        return None
    x = operand(node)
    terms = editor.insert(node, "Exp", x) if node.op_type == _LARGEST_EXP_SUM else x
    return editor.insert(node, "Log", _sum(editor, node, terms))


def _sum(editor: Editor, node: ir.Node, x: ir.Value) -> ir.Value:
    """The sum of x over the axes of a reduction."""
    return editor.insert(
        node, "ReduceSum", x, *node.inputs[1:], attributes=attributes_of(node), dims=dims_of(node.outputs[0])
    )


def _of_one(editor: Editor, node: ir.Node) -> ir.Value | None:
    sizes = _sizes(node)
    if not sizes or 0 in sizes or set(sizes.values()) != {1}:  # axis 0 may be the batch: a stream has its sum once
        return None
    return _by_halves(editor, node)


def _by_halves(editor: Editor, node: ir.Node) -> ir.Value | None:
    sizes = _sizes(node)
    if sizes is None:
        return None
    value = operand(node)
    for axis, size in sizes.items():
        while size > 1:
            value, size = _halved(editor, node, value, axis, size)
    if attributes_of(node).get("keepdims", 1) or not sizes:
        return value
    return editor.insert(node, "Squeeze", value, editor.sizes(list(sizes)), dims=dims_of(node.outputs[0]))


def _halved(editor: Editor, node: ir.Node, value: ir.Value, axis: int, size: int) -> tuple[ir.Value, int]:
    half = size // 2
    if node.op_type != "ReduceProd":
        half = size - half
    first = _part(editor, node, value, axis, 0, half)
    last = _part(editor, node, value, axis, size - half, size)
    if node.op_type == "ReduceProd":
        product = editor.insert(node, "Mul", first, last)
        if size % 2 == 0:
            return product, half
        middle = _part(editor, node, value, axis, half, half + 1)
        dims = _with(value, axis, half + 1)
        return editor.insert(node, "Concat", product, middle, attributes={"axis": axis}, dims=dims), half + 1
    larger = truth(editor, node, "Greater", first, last)
    if node.op_type == "ReduceMin":
        return where(editor, node, larger, last, first), half
    return where(editor, node, larger, first, last), half


def _part(editor: Editor, node: ir.Node, value: ir.Value, axis: int, start: int, end: int) -> ir.Value:
    bounds = (editor.sizes([each]) for each in (start, end, axis))
    return editor.insert(node, "Slice", value, *bounds, dims=_with(value, axis, end - start))


def _with(value: ir.Value, axis: int, size: int) -> Dims:
    dims = dims_of(value) or ()
    return (*dims[:axis], size, *dims[axis + 1 :])


def _sizes(node: ir.Node) -> dict[int, int] | None:
    """The axes that are reduced, counted from 0, with their sizes; None where one is not known."""
    x = operand(node)
    dims = dims_of(x)
    listed = node.inputs[1] if len(node.inputs) > 1 else None
    axes = None if listed is None else array_of(listed)
    if dims is None or not is_float(x) or (listed is not None and axes is None):
        return None
    if axes is not None and axes.size:
        chosen = sorted({int(axis) % len(dims) for axis in axes.reshape(-1)})
    else:
        chosen = [] if attributes_of(node).get("noop_with_empty_axes", 0) else list(range(len(dims)))
    sizes = {axis: dims[axis] for axis in chosen}
    known = {axis: size for axis, size in sizes.items() if isinstance(size, int) and size > 0}
    return known if len(known) == len(sizes) else None
