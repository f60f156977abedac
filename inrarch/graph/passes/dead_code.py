"""Remove what no output needs.

Rules:
1. A node is removed when none of its results is used or is a graph output (also chains of such nodes).
2. An initializer that nothing uses is removed; one that is also a graph input, or a graph output, stays.

Not handled: unused graph inputs stay, they are the model's interface.
"""

from __future__ import annotations

import onnx_ir as ir

from inrarch.graph.passes.editor import Editor


def run(model: ir.Model) -> int:
    """Remove dead nodes and initializers; returns their number."""
    graph = model.graph
    editor = Editor(graph)
    before: int = graph.num_nodes()
    for node in reversed(tuple(graph)):
        if node.graph is not None and not any(value.uses() or value.is_graph_output() for value in node.outputs):
            editor.remove(node)
    dropped = sum(map(editor.drop, list(graph.initializers.values())))
    return dropped + before - int(graph.num_nodes())
