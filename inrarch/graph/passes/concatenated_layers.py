"""A layer over joined values, of which some are known: the known ones need no product.

Behind a skip connection the derivatives of the coordinates are constant rows, joined to computed features: h_α with a
one-hot row, or with zeros. Every product with them would multiply what is known when compiling, row by row.

Rule, for all MatMul(x, W) and Gemm(x, W, b) with the same constant matrix W, where each x is Concat(p1, p2, …) along
the last axis, and in at least one of them a piece p is constant or Expand of a constant row: the rows of W are dealt
out to one matrix for all features that are known in the same products, and

    Concat(p, q) W + b  ->  p W_p + (q W_q + b),

where the products with known features are computed here: they join the bias. The parts of W take the place of W. There
are fewer multiplications, but more products where a value has several parts that are not always known.

Not handled: known pieces that differ between rows; products that are known altogether (see `broadcasts`); other uses of
W, which would have to be kept beside its parts; pieces of one product that overlap known and computed ones of another.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
import onnx_ir as ir

from inrarch.graph.passes.editor import Editor
from inrarch.graph.passes.patterns import Array, array_of, float64_of, is_constant, is_float, operand
from inrarch.graph.shapes import dims_of


class Piece(NamedTuple):
    """Features `start` to `end` (exclusive) of a joined value; `row`: their numbers, where all rows are known."""

    value: ir.Value
    start: int
    end: int
    row: Array | None


class Segment(NamedTuple):
    """Features that no product divides into known and computed ones."""

    start: int
    end: int


Block = tuple[Segment, ...]
"""Segments that are known in the same products."""


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
    rows = [[piece.row is not None for piece in pieces] for pieces in joined]
    if not all(joined) or not any(map(any, rows)) or any(map(all, rows)):
        return 0
    segments = _segments(joined)
    whole = all(
        piece.start >= segment.start and piece.end <= segment.end
        for pieces in joined
        for segment in segments
        if not _known(inside := _inside(pieces, segment))
        for piece in inside
    )
    if not whole:
        return 0
    blocks: dict[tuple[bool, ...], list[Segment]] = {}
    for segment in segments:
        blocks.setdefault(tuple(_known(_inside(pieces, segment)) for pieces in joined), []).append(segment)
    for node, pieces in zip(layer, joined, strict=True):
        editor.replace(node, _sum(editor, node, pieces, [tuple(block) for block in blocks.values()]))
    editor.drop(weight)
    return len(layer)


def _pieces(node: ir.Node) -> list[Piece]:
    """What is joined along the last axis to the left operand of a product; nothing where that is no Concat."""
    x = operand(node)
    concat, dims = x.producer(), dims_of(x)
    if concat is None or concat.op_type != "Concat" or dims is None:
        return []
    values = [value for value in concat.inputs if value is not None]
    widths = [_width(value) for value in values]
    if concat.attributes["axis"].as_int() % len(dims) != len(dims) - 1 or not all(widths):
        return []
    edges = pairwise(accumulate(widths, initial=0))
    return [Piece(value, start, end, _row(value)) for value, (start, end) in zip(values, edges, strict=True)]


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


def _segments(joined: Sequence[Sequence[Piece]]) -> list[Segment]:
    edges = sorted({0} | {piece.end for pieces in joined for piece in pieces})
    computed = [piece for pieces in joined for piece in pieces if piece.row is None]
    kept = [edge for edge in edges if not any(piece.start < edge < piece.end for piece in computed)]
    return [Segment(start, end) for start, end in pairwise(kept)]


def _inside(pieces: Sequence[Piece], segment: Segment) -> list[Piece]:
    """The pieces that the segment meets."""
    return [piece for piece in pieces if piece.start < segment.end and segment.start < piece.end]


def _known(pieces: Sequence[Piece]) -> bool:
    return all(piece.row is not None for piece in pieces)


def _sum(editor: Editor, node: ir.Node, pieces: Sequence[Piece], blocks: Sequence[Block]) -> ir.Value:
    """The products with what is computed, one after the other; the first with the bias and all that is known."""
    matrix = array_of(operand(node, 1))
    assert matrix is not None, f"{node.name} has no constant weight"
    offset: Array = np.zeros(matrix.shape[1])
    computed = []
    for block in blocks:
        if not _known(_inside(pieces, block[0])):
            computed.append(_product(editor, node, pieces, block))
            continue
        for piece in pieces:
            for start, end in block:
                first, last = max(start, piece.start), min(end, piece.end)
                if piece.row is not None and first < last:
                    numbers = piece.row[first - piece.start : last - piece.start]
                    offset = offset + numbers @ matrix[first:last].astype(np.float64)
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


def _product(editor: Editor, node: ir.Node, pieces: Sequence[Piece], block: Block) -> ir.Value:
    weight, dims = operand(node, 1), dims_of(node.outputs[0])
    part = editor.derived(weight, block, lambda: _part(weight, block), name=f"{weight.name}/part")
    assert part is not None, f"{weight.name} cannot be cut"
    given = [piece.value for segment in block for piece in _inside(pieces, segment)]
    x = given[0]
    if len(given) > 1:
        outer = dims_of(operand(node)) or ()
        joined = (*outer[:-1], sum(map(_width, given)))
        x = editor.insert(node, "Concat", *given, attributes={"axis": len(outer) - 1}, dims=joined)
    return editor.insert(node, "MatMul", x, part, dims=dims)


def _part(weight: ir.Value, block: Block) -> Array:
    matrix = array_of(weight)
    assert matrix is not None, f"{weight.name} is not a constant"
    return np.concatenate([matrix[start:end] for start, end in block])
