"""What is the same for all rows is computed once: Expand moves towards the outputs, and vanishes where nobody needs it.

Rules (u: x is constant, or every use is of the kinds 2-5; full: of the shape of the result):
1. Expand(x) ∘ y -> x ∘ y for a full y, for ∘ one of + - x / >, and Where likewise.
2. f(Expand(x)u) -> Expand(f(x)) for element-wise f.
3. Expand(x)u ∘ y -> Expand(x ∘ y) for ∘ one of + - x /, where x ∘ y is not full; y may be Expand of something as well.
4. MatMul(Expand(x)u, W) -> Expand(MatMul(x, W)) and Gemm(Expand(x)u, W, b) -> Expand(Gemm(x, W, b)), for a constant
   matrix W and a constant b of rank 1, where x has all columns.
5. Concat(Expand(x)u, Expand(y)u, …) -> Expand(Concat(x, y, …)) along the last axis, where all have all columns.
6. Expand(c), for a constant c with too few axes or columns -> Expand of a row that has all columns.

Not handled: Expand that adds axes, in rules 2-5, of what is not constant; changes of shape.
"""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

from inrarch.graph.passes.editor import ARITHMETIC, FUNCTIONS, Editor, sweep
from inrarch.graph.passes.patterns import array_of, is_constant, operand
from inrarch.graph.shapes import Dims, broadcast, dims_of, same_shape, same_size

_PRODUCTS = ("MatMul", "Gemm")


def run(model: ir.Model) -> int:
    """One sweep; returns the number of rewrites."""
    rules = {
        "Expand": (_whole_row,),
        **dict.fromkeys(("Greater", "Where"), (_needless,)),
        **dict.fromkeys(ARITHMETIC, (_needless, _through)),
        **dict.fromkeys((*FUNCTIONS, *_PRODUCTS, "Concat"), (_through,)),
    }
    return sweep(model, rules)


def _inner(value: ir.Value | None) -> ir.Value | None:
    """x where the value is Expand(x)."""
    node = None if value is None else value.producer()
    return operand(node) if node is not None and node.op_type == "Expand" else None


def _whole_row(editor: Editor, node: ir.Node) -> ir.Value | None:
    x, dims = operand(node), dims_of(node.outputs[0])
    array = array_of(x)
    if array is None or not dims or not isinstance(dims[-1], int) or array.size not in (1, *array.shape[-1:]):
        return None
    row = np.broadcast_to(array.reshape(-1), (1,) * (len(dims) - 1) + (dims[-1],))
    if row.shape == array.shape:
        return None
    return editor.insert(node, "Expand", editor.constant(row, x, name=x.name or "row"), operand(node, 1), dims=dims)


def _needless(editor: Editor, node: ir.Node) -> ir.Value | None:
    y = node.outputs[0]
    for position, value in enumerate(node.inputs):
        x = _inner(value)
        others = [each for index, each in enumerate(node.inputs) if index != position and each is not None]
        if x is not None and any(same_shape(dims_of(each), dims_of(y)) for each in others):
            given = [x if index == position else each for index, each in enumerate(node.inputs)]
            result = editor.insert(node, node.op_type, *given, attributes=node.attributes, dims=dims_of(y))
            result.type = y.type
            return result
    return None


def _through(editor: Editor, node: ir.Node) -> ir.Value | None:
    if not _lets_through(node):
        return None
    expansions = [value for value in node.inputs if _inner(value) is not None]
    if not expansions or not all(_movable(value) for value in expansions):
        return None
    given = [value if (x := _inner(value)) is None else x for value in node.inputs]
    dims = _thin_dims(node)
    thin = editor.insert(node, node.op_type, *given, attributes=node.attributes, dims=dims)
    first = expansions[0]
    shape = operand(_producer(first), 1)
    if node.op_type in (*_PRODUCTS, "Concat"):
        shape = _rows(editor, node, shape, dims_of(first))
    return editor.insert(node, "Expand", thin, shape, dims=dims_of(node.outputs[0]))


def _movable(value: ir.Value | None) -> bool:
    if value is None or value.is_graph_output():
        return False
    return is_constant(_inner(value)) or all(_lets_through(use.node) for use in value.uses())


def _lets_through(node: ir.Node) -> bool:
    """Whether a node may be computed before its operands are expanded."""
    dims, result = _thin_dims(node), dims_of(node.outputs[0])
    if dims is None or result is None or len(dims) != len(result) or same_shape(dims, result):
        return False
    known = [_is_expansion(value, None if node.op_type in ARITHMETIC | FUNCTIONS else -1) for value in node.inputs]
    if node.op_type in FUNCTIONS:
        return known[0]
    if node.op_type in ARITHMETIC:
        return any(known)
    if node.op_type == "Concat":
        return all(known) and node.attributes["axis"].as_int() % len(result) == len(result) - 1
    return known[0] and not node.attributes and all(map(is_constant, node.inputs[1:]))


def _is_expansion(value: ir.Value | None, whole_axis: int | None) -> bool:
    """Whether a value is Expand(x) with as many axes as x, and with the whole of the given axis in x."""
    x = _inner(value)
    given, dims = None if x is None else dims_of(x), None if value is None else dims_of(value)
    if given is None or dims is None or len(given) != len(dims):
        return False
    return whole_axis is None or same_size(given[whole_axis], dims[whole_axis])


def _thin_dims(node: ir.Node) -> Dims | None:
    """The shape of the result computed from what is not expanded yet."""
    given = [None if value is None else dims_of(_inner(value) or value) for value in node.inputs]
    if node.op_type in FUNCTIONS:
        return given[0]
    if node.op_type in ARITHMETIC:
        return broadcast(given)
    first, result = given[0], dims_of(node.outputs[0])
    if node.op_type in (*_PRODUCTS, "Concat") and first and result:
        others = [dims for dims in given if node.op_type == "Concat"]
        alike = all(dims is not None and same_shape(dims[:-1], first[:-1]) for dims in others)
        matrix = node.op_type == "Concat" or (
            len(given[1] or ()) == 2 and all(len(dims or ()) == 1 for dims in given[2:])
        )
        return (*first[:-1], result[-1]) if alike and matrix else None
    return None


def _rows(editor: Editor, node: ir.Node, shape: ir.Value, dims: Dims | None) -> ir.Value:
    """A shape to expand to that leaves the last axis as it is."""
    rank = len(dims or ())
    bounds = [editor.sizes([number]) for number in (0, rank - 1, 0)]
    rows = editor.insert(node, "Slice", shape, *bounds, dims=(rank - 1,))
    return editor.insert(node, "Concat", rows, editor.sizes([1]), attributes={"axis": 0}, dims=(rank,))


def _producer(value: ir.Value | None) -> ir.Node:
    node = None if value is None else value.producer()
    assert node is not None, "an Expand has vanished"
    return node
