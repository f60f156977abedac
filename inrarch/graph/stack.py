"""Matrix products with one weight stacked into one product: for software that runs few rows, never for hardware.

All coefficients of a layer are multiplied by the same weight. One product of C N rows reads it once, where C products
of N rows read it C times:

    MatMul(u_1, W), …, MatMul(u_C, W)  ->  Split(MatMul(Concat(u_1, …, u_C), W))        (along the rows)

Rules:
1. MatMul(u, W), and Gemm(u, W, b) without attributes, of a matrix u and a constant matrix W. The bias becomes an Add.
2. Products are stacked where they have the same W, equally many rows (a number, or the symbolic first size of an
   input), and none depends on another.

Not handled: u of rank above 2, W on the left, and one product alone.
"""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

from inrarch.graph.passes.editor import Editor
from inrarch.graph.passes.patterns import is_constant, operand
from inrarch.graph.shapes import dims_of

Rows = int | str
Group = list[ir.Node]


def stack_products(model: ir.Model) -> ir.Model:
    """The same function with fewer, larger matrix products; inputs, outputs and their order stay.

    model: in the form that `optimize` makes. It is not changed; weights are shared with it.
    """
    result = model.clone()
    stacking = _Stacking(result.graph)
    for weight in list(result.graph.initializers.values()):
        stacking.stack(weight)
    return result


class _Stacking:
    """Works on one graph, which is in topological order between calls."""

    def __init__(self, graph: ir.Graph) -> None:
        self._graph = graph
        self._editor = Editor(graph)
        self._inputs: dict[Rows, ir.Value] = {}
        for value in graph.inputs:
            dims = dims_of(value)
            if dims and dims[0] is not None:
                self._inputs.setdefault(dims[0], value)
        self._sizes: dict[tuple[Rows, int], ir.Value] = {}

    def stack(self, weight: ir.Value) -> None:
        """Stack the products with one weight."""
        groups = [(rows, group) for rows, group in self._groups(weight) if len(group) > 1]
        for rows, group in groups:
            self._replace(rows, group)
        if groups:
            self._graph.sort()

    def _groups(self, weight: ir.Value) -> list[tuple[Rows, Group]]:
        """The products with one weight; those of a group have equally many rows and do not depend on each other.

        The depth of a node is the largest number of these products on a way to it: of two at the same depth, none
        depends on the other, and groups of different depths cannot wait for each other in a circle.
        """
        rows = {use.node: self._rows(use.node, weight) for use in weight.uses()} if is_constant(weight) else {}
        if len(rows) < 2:
            return []
        depths: dict[ir.Node, int] = {}
        groups: dict[tuple[int, Rows], Group] = {}
        for node in self._graph:
            producers = [value.producer() for value in node.inputs if value is not None]
            depths[node] = max((depths[each] for each in producers if each is not None), default=0)
            size = rows.get(node)
            if size is not None:
                depths[node] += 1
                groups.setdefault((depths[node], size), []).append(node)
        return [(size, group) for (_, size), group in groups.items()]

    def _rows(self, node: ir.Node, weight: ir.Value) -> Rows | None:
        """How many rows the left operand of a product with this weight has; None where it cannot be stacked."""
        if node.op_type not in ("MatMul", "Gemm") or node.domain or node.attributes or operand(node, 1) is not weight:
            return None
        left, right = dims_of(operand(node)), dims_of(weight)
        if left is None or right is None or len(left) != 2 or len(right) != 2:
            return None
        rows = left[0]
        return rows if isinstance(rows, int) or rows in self._inputs else None

    def _replace(self, rows: Rows, group: Group) -> None:
        """One product instead of a group; the results keep their names."""
        first, weight = group[0], operand(group[0], 1)
        total = rows * len(group) if isinstance(rows, int) else None
        inner, columns = dims_of(weight) or ()
        insert = self._editor.insert
        operands = [operand(node) for node in group]
        stacked = insert(first, "Concat", *operands, attributes={"axis": 0}, dims=(total, inner))
        product = insert(first, "MatMul", stacked, weight, dims=(total, columns))
        sizes = self._split_sizes(first, rows, len(group))
        split = insert(first, "Split", product, sizes, attributes={"axis": 0}).producer()
        assert split is not None
        split.resize_outputs(len(group))
        for node, piece in zip(group, split.outputs, strict=True):
            old, name = node.outputs[0], node.outputs[0].name
            piece.type, piece.shape = old.type, old.shape
            bias = node.inputs[2] if len(node.inputs) > 2 else None
            result = piece
            if bias is not None:
                result = insert(first, "Add", piece, bias, dims=dims_of(old))
                piece.name = f"{result.name}/product"
            result.name = name
            for position, output in enumerate(self._graph.outputs):
                if output is old:
                    self._graph.outputs[position] = result
            old.replace_all_uses_with(result)
        for node in group:
            self._graph.remove(node, safe=True)

    def _split_sizes(self, before: ir.Node, rows: Rows, count: int) -> ir.Value:
        """[rows] x count: a constant, or found at run time (it may be 0) from an input, on which no product waits."""
        if (rows, count) not in self._sizes:
            integer = ir.Value(name="integer", type=ir.TensorType(ir.DataType.INT64))
            if isinstance(rows, int):
                sizes = self._editor.constant(np.full(count, rows), integer, name=f"split_{count}x{rows}")
            else:
                only = {"start": 0, "end": 1}
                size = self._editor.insert(before, "Shape", self._inputs[rows], attributes=only, dims=(1,))
                size.type = integer.type
                times = self._editor.constant(np.array([count]), integer, name=f"count_{count}")
                sizes = self._editor.insert(before, "Expand", size, times, dims=(count,))
            self._sizes[rows, count] = sizes
        return self._sizes[rows, count]
