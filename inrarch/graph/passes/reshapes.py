"""Changes of shape that keep the order of the elements: Reshape, Flatten, Squeeze, Unsqueeze.

Rules (u: the inner result is used here only):
1. x in another shape and back in its own -> x, through any number of such operators.
2. A chain of them -> one Reshape; a Reshape to a computed shape -> to a constant one. The shape of the result must be
   known but for one size, which becomes -1.
3. Transpose that moves only axes of size 1, next to such an operator -> Reshape.
4. f(Reshape(x)u) -> Reshape(f(x)) for element-wise f, and Reshape(x)u ∘ Reshape(y)u -> Reshape(x ∘ y) for ∘ one of
   + - x / and x, y of one shape, or a constant number in place of one of them: where only element-wise operators and
   changes of shape follow, so that what stands around f meets.

Not handled: results of two or more unknown sizes, or of a size 0; broadcasting through a change of shape.
"""

from __future__ import annotations

from math import prod

import onnx_ir as ir

from inrarch.graph.attributes import attributes_of
from inrarch.graph.passes.editor import ARITHMETIC, ELEMENTWISE, FUNCTIONS, Editor, sweep
from inrarch.graph.passes.patterns import array_of, is_constant, operand, operands, used_once
from inrarch.graph.shapes import Dims, dims_of, same_shape, to_shape

_KINDS = frozenset({"Reshape", "Flatten", "Squeeze", "Unsqueeze"})


def run(model: ir.Model) -> int:
    """One sweep; returns the number of rewrites."""
    unary = dict.fromkeys(FUNCTIONS, (_through_unary,))
    binary = dict.fromkeys(ARITHMETIC, (_through_binary,))
    reshape = dict.fromkeys(_KINDS, (_with_known_size, _back_again, _single_reshape))
    return sweep(model, {"Transpose": (_of_ones,), **reshape, **unary, **binary})


def _with_known_size(editor: Editor, node: ir.Node) -> None:
    """Note the unknown size of a result where it is the one unknown size of the operand: nothing is rewritten."""
    y, given = node.outputs[0], dims_of(operand(node))
    dims = dims_of(y)
    if given is None or dims is None or y.is_graph_output():
        return
    open_given, open_dims = ([size for size in each if not isinstance(size, int)] for each in (given, dims))
    if len(open_given) != 1 or len(open_dims) != 1 or open_given[0] is None or open_given == open_dims:
        return
    known_given, known_dims = ([size for size in each if isinstance(size, int)] for each in (given, dims))
    if prod(known_given) == prod(known_dims) != 0:
        y.shape = to_shape(tuple(size if isinstance(size, int) else open_given[0] for size in dims))


def _back_again(editor: Editor, node: ir.Node) -> ir.Value | None:
    """The value before, at any distance, that has the shape of the result."""
    dims, current = dims_of(node.outputs[0]), node
    while True:
        x = operand(current)
        if same_shape(dims_of(x), dims) or (current is node and _keeps(node)):
            return x
        producer = x.producer()
        if producer is None or producer.op_type not in _KINDS:
            return None
        current = producer


def _keeps(node: ir.Node) -> bool:
    """Whether a Reshape lists the sizes of its operand, as far as they are known, and leaves at most one open."""
    dims = dims_of(operand(node))
    shape = array_of(operand(node, 1)) if node.op_type == "Reshape" else None
    if shape is None or dims is None or len(shape) != len(dims):
        return False
    as_before = not attributes_of(node).get("allowzero", 0)  # what a size 0 means
    changed = [
        size for size, dim in zip(shape.tolist(), dims, strict=True) if not (size == dim or (size == 0 and as_before))
    ]
    return changed in ([], [-1])  # one open size is what the others leave over


def _single_reshape(editor: Editor, node: ir.Node) -> ir.Value | None:
    target = _target(dims_of(node.outputs[0]))
    inner = operand(node).producer()
    chained = inner is not None and inner.op_type in _KINDS
    computed = node.op_type == "Reshape" and not is_constant(node.inputs[1])
    if target is None or not (chained or computed):
        return None
    x = operand(inner) if chained and inner is not None else operand(node)
    return _reshape(editor, node, x, target)


def _target(dims: Dims | None) -> list[int] | None:
    """What a Reshape to these sizes lists."""
    if dims is None or 0 in dims or sum(not isinstance(size, int) for size in dims) > 1:
        return None
    return [size if isinstance(size, int) else -1 for size in dims]


def _reshape(editor: Editor, node: ir.Node, x: ir.Value, target: list[int]) -> ir.Value:
    shape = editor.sizes(target)
    return editor.insert(node, "Reshape", x, shape, dims=dims_of(node.outputs[0]))


def _of_ones(editor: Editor, node: ir.Node) -> ir.Value | None:
    x, y = operand(node), node.outputs[0]
    dims, target, order = dims_of(x), _target(dims_of(y)), node.attributes.get("perm")
    if dims is None or target is None:
        return None
    axes = order.as_ints() if order is not None else list(reversed(range(len(dims))))
    moved = [axis for axis in axes if dims[axis] != 1]
    before = x.producer()
    neighbours = [*(use.node for use in y.uses()), *([] if before is None else [before])]
    if moved != sorted(moved) or not any(each.op_type in _KINDS for each in neighbours):
        return None
    return _reshape(editor, node, x, target)


def _movable(value: ir.Value) -> ir.Value | None:
    """x where the value is x in another shape, for one operand only."""
    node = value.producer()
    if node is None or node.op_type not in _KINDS or not used_once(value) or dims_of(operand(node)) is None:
        return None
    return operand(node)


def _followed_by_reshapes(node: ir.Node) -> bool:
    y = node.outputs[0]
    followers = [use.node.op_type for use in y.uses()]
    return bool(followers) and not y.is_graph_output() and all(each in _KINDS | ELEMENTWISE for each in followers)


def _through_unary(editor: Editor, node: ir.Node) -> ir.Value | None:
    x, target = _movable(operand(node)), _target(dims_of(node.outputs[0]))
    if x is None or target is None or not _followed_by_reshapes(node):
        return None
    return _reshape(editor, node, editor.insert(node, node.op_type, x, attributes=node.attributes), target)


def _through_binary(editor: Editor, node: ir.Node) -> ir.Value | None:
    target = _target(dims_of(node.outputs[0]))
    given = [_movable(value) for value in operands(node)]
    moved = [value for value in given if value is not None]
    if target is None or not moved or not _followed_by_reshapes(node):
        return None
    for position, value in enumerate(operands(node)):
        if given[position] is None and is_constant(value) and dims_of(value) == ():
            given[position] = value
    if any(value is None for value in given) or (len(moved) == 2 and not _alike(*operands(node), *moved)):
        return None
    return _reshape(editor, node, editor.insert(node, node.op_type, *given), target)


def _alike(a: ir.Value, b: ir.Value, x: ir.Value, y: ir.Value) -> bool:
    return same_shape(dims_of(a), dims_of(b)) and same_shape(dims_of(x), dims_of(y))
