"""Which part of a graph its outputs depend on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import onnx_ir as ir


def needed(nodes: Sequence[ir.Node], outputs: Iterable[ir.Value]) -> tuple[list[ir.Node], set[ir.Value]]:
    """The nodes (given in topological order) that the outputs depend on, in order, and all values that they use."""
    used = set(outputs)
    kept: list[ir.Node] = []
    for node in reversed(nodes):
        if any(value in used for value in node.outputs):
            kept.append(node)
            used.update(value for value in node.inputs if value is not None)
    return kept[::-1], used
