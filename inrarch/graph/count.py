"""What a graph costs: nodes, matrix products, multiply-accumulates per row."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import prod

import onnx_ir as ir

from inrarch.graph.shapes import Dims, dims_of
from inrarch.ops import operators as known_operators

MATRIX_PRODUCTS = ("Gemm", "MatMul")
CONVOLUTIONS = ("Conv", "ConvTranspose")


@dataclass(frozen=True, slots=True)
class Counts:
    """Cost of a graph.

    nodes: all nodes. matmuls: Gemm and MatMul nodes (one per coefficient and layer). macs_per_row: multiply-accumulates
    of these and of convolutions for one row of the batch; a product of constants counts like any other until it is
    folded, a product with padding like any other.
    pointwise_per_row: numbers that element-wise operators compute for one row (Identity computes none). operators:
    nodes by operator, in alphabetical order.
    """

    nodes: int
    matmuls: int
    macs_per_row: int
    pointwise_per_row: int
    operators: dict[str, int]

    def summary(self) -> str:
        """`120 nodes, 25 matmuls, 1185280 MAC per row`."""
        return f"{self.nodes} nodes, {self.matmuls} matmuls, {self.macs_per_row} MAC per row"


def count(model: ir.Model) -> Counts:
    """Count the nodes of a graph. Sizes that are unknown, and the leading axis of the inputs, count as one row."""
    graph = model.graph
    rows = {dims[0] for value in graph.inputs if (dims := dims_of(value)) and len(dims) > 1}
    operators = Counter(node.op_type for node in graph)
    elementwise = {name for name, operator in known_operators().items() if operator.elementwise and name != "Identity"}
    products = [node for node in graph if node.op_type in MATRIX_PRODUCTS]
    return Counts(
        nodes=sum(operators.values()),
        matmuls=len(products),
        macs_per_row=sum(_macs(node, rows) for node in products)
        + sum(_convolved(node, rows) for node in graph if node.op_type in CONVOLUTIONS),
        pointwise_per_row=sum(_size(node.outputs[0], rows) for node in graph if node.op_type in elementwise),
        operators=dict(sorted(operators.items())),
    )


def _macs(node: ir.Node, rows: set[int | str | None]) -> int:
    operand, result = dims_of(node.inputs[0]), dims_of(node.outputs[0])
    if not operand or result is None:
        return 0
    transposed = "transA" in node.attributes and node.attributes["transA"].value
    inner = operand[0] if transposed else operand[-1]
    return (inner if isinstance(inner, int) else 1) * _size(node.outputs[0], rows)


def _convolved(node: ir.Node, rows: set[int | str | None]) -> int:
    """Each entry of the result (backwards: of the operand) meets the kernel's entries of one channel of it."""
    value = node.outputs[0] if node.op_type == "Conv" else node.inputs[0]
    kernel = (dims_of(node.inputs[1]) or ())[1:]
    return prod(size for size in kernel if isinstance(size, int)) * _size(value, rows)


def _size(value: ir.Value, rows: set[int | str | None]) -> int:
    """Numbers in a value for one row."""
    sizes = _without_rows(dims_of(value) or (), rows)
    return prod(size for size in sizes if isinstance(size, int))


def _without_rows(dims: Dims, rows: set[int | str | None]) -> Dims:
    return dims[1:] if len(dims) > 1 and dims[0] in rows else dims
