"""A layer over joined values, of which some are known: the known ones need no product.

Behind a skip connection the derivatives of the coordinates are constant rows, joined to computed features: h_α with a
one-hot row, or with zeros. Every product with them would multiply what is known when compiling, row by row.

Rule, for all MatMul(x, W) and Gemm(x, W, b) with the same constant matrix W, where each x is Concat(p1, p2, …) along
the last axis with the same sizes, and in at least one of them a piece p is constant or Expand of a constant row:
the rows of W are cut into one matrix for each run of pieces that are known in the same products, and

    Concat(p, q) W + b  ->  p W_p + (q W_q + b),

where the products with known pieces are computed here: they join the bias. The parts of W take the place of W.

Not handled: known pieces that differ between rows; products that are known altogether (see `broadcasts`); other uses of
W, which would have to be kept beside its parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import onnx_ir as ir

from inrarch.graph.passes.editor import Editor
from inrarch.graph.passes.patterns import Array, array_of, float64_of, is_constant, is_float, operand
from inrarch.graph.shapes import dims_of


class Block(NamedTuple):
    """Neighbouring pieces `first` to `last` (exclusive) with the rows `start` to `end` of the weight."""

    first: int
    last: int
    start: int
    end: int


def run(model: ir.Model) -> int:
    """Look at each weight once; returns the number of products that were rewritten."""
    layers: dict[ir.Value, list[ir.Node]] = {}
    for node in model.graph:
        if node.op_type in ("MatMul", "Gemm") and not node.attributes and _is_weight(operand(node, 1)):
            layers.setdefault(operand(node, 1), []).append(node)
    editor = Editor(model.graph)
    return sum(_split(editor, weight, layer) for weight, layer in layers.items())


def _is_weight(value: ir.Value) -> bool:
    return is_constant(value) and is_float(value) and len(dims_of(value) or ()) == 2 and not value.is_graph_output()


def _split(editor: Editor, weight: ir.Value, layer: Sequence[ir.Node]) -> int:
    if len(weight.uses()) > len(layer):
        return 0
    joined = [_pieces(node) for node in layer]
    sizes = {tuple(_width(piece) for piece in pieces) for pieces in joined}
    if len(sizes) != 1 or sizes == {()}:
        return 0
    known = [[_row(piece) is not None for piece in pieces] for pieces in joined]
    if not any(map(any, known)) or any(map(all, known)):
        return 0
    blocks = list(_blocks(known, next(iter(sizes))))
    for node, pieces in zip(layer, joined, strict=True):
        editor.replace(node, _sum(editor, node, pieces, blocks))
    return len(layer)


def _pieces(node: ir.Node) -> list[ir.Value]:
    """The values that are joined along the last axis to the left operand of a product; none where it is no Concat."""
    x = operand(node)
    concat, dims = x.producer(), dims_of(x)
    if concat is None or concat.op_type != "Concat" or dims is None:
        return []
    pieces = [value for value in concat.inputs if value is not None]
    last = concat.attributes["axis"].as_int() % len(dims) == len(dims) - 1
    return pieces if last and all(_width(piece) for piece in pieces) else []


def _width(value: ir.Value) -> int:
    dims = dims_of(value)
    return dims[-1] if dims and isinstance(dims[-1], int) else 0


def _row(value: ir.Value) -> Array | None:
    """The numbers of a value all of whose rows are the same and known."""
    node = value.producer()
    array = float64_of(operand(node) if node is not None and node.op_type == "Expand" else value)
    if array is None or array.size not in (1, *array.shape[-1:]):
        return None
    return np.broadcast_to(array.reshape(-1), (_width(value),))


def _blocks(known: Sequence[Sequence[bool]], sizes: Sequence[int]) -> Iterator[Block]:
    """Runs of pieces that are known in the same products."""
    columns = list(zip(*known, strict=True))
    first = 0
    for k in range(1, len(sizes) + 1):
        if k == len(sizes) or columns[k] != columns[first]:
            yield Block(first, k, sum(sizes[:first]), sum(sizes[:k]))
            first = k


def _sum(editor: Editor, node: ir.Node, pieces: Sequence[ir.Value], blocks: Sequence[Block]) -> ir.Value:
    """The products with what is computed, one after the other; the first with the bias and all that is known."""
    matrix = array_of(operand(node, 1))
    assert matrix is not None, f"{node.name} has no constant weight"
    offset: Array = np.zeros(matrix.shape[1])
    computed = []
    for block in blocks:
        rows = [row for piece in pieces[block.first : block.last] if (row := _row(piece)) is not None]
        if rows:
            offset = offset + np.concatenate(rows) @ matrix[block.start : block.end].astype(np.float64)
        else:
            computed.append(_product(editor, node, pieces, block))
    bias = node.inputs[2] if len(node.inputs) > 2 else None
    given = None if bias is None else float64_of(bias)
    total = computed[0]
    if bias is not None and given is None:
        total = editor.insert(node, "Add", total, bias)
    elif given is not None:
        offset = offset + given
    if offset.any():
        total = editor.insert(node, "Add", total, editor.constant(offset, total, name=f"{node.name}/bias"))
    for product in computed[1:]:
        total = editor.insert(node, "Add", total, product)
    return total


def _product(editor: Editor, node: ir.Node, pieces: Sequence[ir.Value], block: Block) -> ir.Value:
    weight, dims = operand(node, 1), dims_of(node.outputs[0])
    part = editor.derived(weight, block, lambda: _cut(weight, block), name=f"{weight.name}/part")
    assert part is not None, f"{weight.name} cannot be cut"
    run_of_pieces = pieces[block.first : block.last]
    x = run_of_pieces[0]
    if len(run_of_pieces) > 1:
        outer = dims_of(operand(node)) or ()
        joined = (*outer[:-1], block.end - block.start)
        x = editor.insert(node, "Concat", *run_of_pieces, attributes={"axis": len(outer) - 1}, dims=joined)
    return editor.insert(node, "MatMul", x, part, dims=dims)


def _cut(weight: ir.Value, block: Block) -> Array:
    matrix = array_of(weight)
    assert matrix is not None, f"{weight.name} is not a constant"
    return matrix[block.start : block.end].copy()
