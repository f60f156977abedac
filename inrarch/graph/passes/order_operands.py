"""One order for the operands of commutative operators.

Rules:
1. Add and Mul have their constant second.
2. Of two computed operands, the one computed first (inputs before nodes) comes first.

Not handled: chains are not reordered, only the two operands of each node. a + b and b + a round to the
same number, so results do not change at all.
"""

from __future__ import annotations

import onnx_ir as ir

from inrarch.graph.passes.patterns import is_constant, operands


def run(model: ir.Model) -> int:
    """Swap operands where they are not in order; returns the number of nodes changed."""
    inputs = model.graph.inputs
    position = {id(value): index - len(inputs) for index, value in enumerate(inputs)}
    changes = 0
    for index, node in enumerate(model.graph):
        for value in node.outputs:
            position[id(value)] = index
        if node.op_type not in ("Add", "Mul") or node.domain:
            continue
        first, second = operands(node)
        if is_constant(second):
            continue
        if is_constant(first) or position.get(id(first), 0) > position.get(id(second), 0):
            node.replace_input_with(0, second)
            node.replace_input_with(1, first)
            changes += 1
    return changes
