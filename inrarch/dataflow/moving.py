"""Nodes that only move numbers: which may be looked through, which are wires, and how broadcasting repeats a tensor."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx_ir as ir

from inrarch.dataflow.element_maps import ElementMap, element_map
from inrarch.dataflow.row_shapes import Sizes
from inrarch.dataflow.view import is_bool
from inrarch.numeric.formats import Formats
from inrarch.numeric.view import STRUCTURAL, constant_array, is_arithmetic, name_of, operands


class Moving:
    """Questions about the nodes of one graph that move numbers. formats: None where all are equal."""

    def __init__(self, sizes: Sizes, formats: Formats | None) -> None:
        self.sizes, self.formats = sizes, formats
        self.copies: dict[str, bool] = {}

    def through(self, target: str) -> Callable[[ir.Node], bool]:
        """Whether a node may be looked through on the way to `target`: the way rounds once, where it is entered."""

        def moves(node: ir.Node) -> bool:
            return (
                node.op_type in STRUCTURAL
                and is_arithmetic(node)
                and not is_bool(node.outputs[0])
                and (self.formats is None or self.formats.of(name_of(node.outputs[0])) == self.formats.of(target))
            )

        return moves

    def is_copy(self, node: ir.Node) -> bool:
        """Whether a node that moves numbers leaves them all where they are in the stream."""
        result = name_of(node.outputs[0])
        if result not in self.copies:
            self.copies[result] = self._leaves_all(node)
        return self.copies[result]

    def _leaves_all(self, node: ir.Node) -> bool:
        taken, result = operands(node), name_of(node.outputs[0])
        if len(taken) != 1 or constant_array(taken[0]) is not None:
            return False
        producer, source = taken[0].producer(), name_of(taken[0])
        if producer is not None and producer.op_type in STRUCTURAL and not self.is_copy(producer):
            return False
        shape = self.sizes.row_shape(source)
        if shape is None or shape != self.sizes.row_shape(result):
            return False
        found = element_map(node.outputs[0], self.sizes, lambda each: each is node, f"node {node.name!r}")
        return found.is_identity(source, shape.elements)

    def repeated(self, value: ir.Value, result: str, place: str) -> ElementMap:
        """The map that broadcasts an operand to the shape of a result."""
        shape = self.sizes.shapes[result]
        moves = self.through(name_of(value))
        return element_map(value, self.sizes, moves, place, lambda codes: np.broadcast_to(codes, shape))

    def aligned(self, value: ir.Value, result: str) -> bool:
        """Whether the elements of an operand are those of the result, one for one: sizes of 1 apart, equal axes."""
        sizes = (self.sizes.shapes[name_of(value)], self.sizes.shapes[result])
        ends = [[size for size in shape if size != 1] for shape in sizes]
        return ends[0] == ends[1]
