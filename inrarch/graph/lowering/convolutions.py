"""Convolutions with a constant kernel, as products of patches with one matrix.

Rule: Conv(x, W, b) and ConvTranspose(x, W, b) of x [N, C, …] with known sizes, by group of channels ->
the entries that each result needs (Gather; zeros beyond the edge) as rows [N, results, C x taps], MatMul with
W [C x taps, M], Add b, and back to [N, M, …].

Which entry each result needs at each tap is asked of the operator itself, run on the positions of the entries with one
kernel per tap that is 1 there and 0 elsewhere.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

from inrarch.graph.attributes import attributes_of
from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import array_of, operand
from inrarch.graph.shapes import Dims, dims_of
from inrarch.ops import operators

Array = npt.NDArray[Any]


def run(model: ir.Model) -> int:
    """One sweep over Conv and ConvTranspose; returns the number of rewrites."""
    return sweep(model, {"Conv": (_patches,), "ConvTranspose": (_patches,)})


def _patches(editor: Editor, node: ir.Node) -> ir.Value | None:
    x, weight = operand(node), operand(node, 1)
    kernel, dims = array_of(weight), dims_of(x)
    bias = node.inputs[2] if len(node.inputs) > 2 else None
    if kernel is None or dims is None or (bias is not None and array_of(bias) is None):
        return None
    if any(not isinstance(size, int) for size in dims[1:]):
        return None
    channels, *spatial = (int(size) for size in dims[1:] if isinstance(size, int))
    groups = int(attributes_of(node).get("group", 1))
    entries, results = _entries(node, kernel.shape[2:], spatial)
    size, taps = math.prod(spatial), math.prod(kernel.shape[2:])
    places = editor.sizes(np.where(entries >= 0, entries, size).tolist())
    flat = _reshaped(editor, node, x, (dims[0], channels, size))
    if (entries < 0).any():
        pads = editor.sizes([0, 0, 0, 0, 0, 1])
        flat = editor.insert(node, "Pad", flat, pads, dims=(dims[0], channels, size + 1))
    made = []
    for group, matrix in enumerate(_matrices(node.op_type, kernel, groups)):
        part = flat
        if groups > 1:
            each = channels // groups
            bounds = (editor.sizes([place]) for place in (group * each, (group + 1) * each, 1))
            part = editor.insert(node, "Slice", flat, *bounds, dims=(dims[0], each, (dims_of(flat) or ())[2]))
        made.append(_product(editor, node, part, places, matrix.astype(kernel.dtype), weight, taps))
    columns = sum(int((dims_of(value) or ())[2] or 0) for value in made)
    rows: Dims = (dims[0], math.prod(results), columns)
    joined = made[0] if groups == 1 else editor.insert(node, "Concat", *made, attributes={"axis": 2}, dims=rows)
    if bias is not None:
        joined = editor.insert(node, "Add", joined, bias)
    turned = editor.insert(node, "Transpose", joined, attributes={"perm": [0, 2, 1]}, dims=(rows[0], rows[2], rows[1]))
    return _reshaped(editor, node, turned, (dims[0], columns, *results))


def _entries(node: ir.Node, taps: tuple[int, ...], spatial: list[int]) -> tuple[Array, tuple[int, ...]]:
    """The entry that each result needs at each tap, -1 beyond the edge [results, taps]; sizes of the result."""
    count = math.prod(taps)
    kernels = np.eye(count).reshape(count, 1, *taps)
    if node.op_type == "ConvTranspose":
        kernels = kernels.reshape(1, count, *taps)
    positions = np.arange(1.0, 1 + math.prod(spatial)).reshape(1, 1, *spatial)
    attributes = {key: value for key, value in attributes_of(node).items() if key != "group"}
    (answer,) = operators()[node.op_type].evaluate([positions, kernels, None], attributes)
    return answer.reshape(count, -1).T.astype(np.int64) - 1, answer.shape[2:]


def _matrices(operator: str, kernel: Array, groups: int) -> list[Array]:
    """The kernel of each group as [C x taps, M]."""
    parts = np.split(kernel, groups)
    if operator == "Conv":  # [M, C, taps]
        return [part.reshape(len(part), -1).T for part in parts]
    return [np.moveaxis(part, 1, -1).reshape(-1, part.shape[1]) for part in parts]  # [C, M, taps]


def _product(
    editor: Editor, node: ir.Node, part: ir.Value, places: ir.Value, matrix: Array, like: ir.Value, taps: int
) -> ir.Value:
    """Patches [N, results, C x taps] times the matrix."""
    rows, channels, _ = dims_of(part) or ()
    results, _ = dims_of(places) or ()
    gathered: Dims = (rows, channels, results, taps)
    patches = editor.insert(node, "Gather", part, places, attributes={"axis": 2}, dims=gathered)
    ordered = editor.insert(node, "Transpose", patches, attributes={"perm": [0, 2, 1, 3]})
    flat = _reshaped(editor, node, ordered, (rows, results, len(matrix)))
    weight = editor.constant(matrix, like, name=f"{like.name}/matrix")
    return editor.insert(node, "MatMul", flat, weight, dims=(rows, results, matrix.shape[1]))


def _reshaped(editor: Editor, node: ir.Node, value: ir.Value, dims: Dims) -> ir.Value:
    sizes = [0, *(size for size in dims[1:] if isinstance(size, int))]
    return editor.insert(node, "Reshape", value, editor.sizes(sizes), dims=dims)
