"""The reverse sweep: adjoints through nodes that are in the graph already, from outputs back to what is asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Jet
from inrarch.derivatives.space import VALUES_ONLY
from inrarch.derivatives.sum_down import sum_down
from inrarch.errors import UserError
from inrarch.graph.attributes import attributes_of
from inrarch.graph.cast import FLOATS
from inrarch.ops import operators
from inrarch.ops.operator import Missing


def sweep(
    emit: Emitter,
    nodes: Sequence[ir.Node],
    cotangents: Mapping[ir.Value, ir.Value],
    wrt: Sequence[ir.Value],
    place: str | None = None,
) -> list[ir.Value | None]:
    """Adjoints of `wrt`: Σ over outputs of (cotangent · ∂output/∂wrt), each of the shape of its value; None: zero.

    Parameters
    ----------
    nodes:
        In topological order, one output each, no composite operators: those of the graph that lead from `wrt` to the
        outputs (others may be among them). They are in the graph that `emit` writes.
    cotangents:
        By output: a value of the output's full shape.
    wrt:
        Any values: inputs, initializers, or results of nodes.

    Only nodes between `wrt` and the outputs are visited, each once. Rows are no matter here: the adjoint of a value
    with a row for each of the batch keeps them, that of a value which all rows share is summed over them.

    Raises UserError for an operator without a reverse rule, and where an operand was broadcast from an unknown rank.
    """
    between = _depends_on(nodes, wrt)
    adjoints: dict[ir.Value, ir.Value] = dict(cotangents)
    for node in reversed(nodes):
        adjoint = adjoints.get(node.outputs[0])
        if adjoint is None or node.outputs[0] not in between or not between.intersection(node.inputs):
            continue
        emit.enter(f"{node.name}_adjoint")
        for operand, part in zip(node.inputs, _rule(emit, node, adjoint, place), strict=False):
            if operand is None or part is None or operand not in between:
                continue
            fitted = sum_down(emit, part, operand)
            if fitted is None:
                raise UserError(
                    f"the adjoint of {operand.name!r} cannot be summed to its shape: not all ranks are known",
                    place=_place(node, place),
                    expected=f"operands of {node.op_type} of known rank",
                    hint="export the model with the shapes of its inputs",
                )
            before = adjoints.get(operand)
            adjoints[operand] = fitted if before is None else emit.add(before, fitted)
    return [adjoints.get(value) for value in wrt]


def _depends_on(nodes: Sequence[ir.Node], wrt: Collection[ir.Value]) -> set[ir.Value]:
    """All values that depend on `wrt` by floating-point numbers, `wrt` itself included."""
    found = set(wrt)
    for node in nodes:
        if not found.isdisjoint(node.inputs) and node.outputs[0].dtype in FLOATS:
            found.add(node.outputs[0])
    return found


def _rule(emit: Emitter, node: ir.Node, adjoint: ir.Value, place: str | None) -> Sequence[ir.Value | None]:
    rule = operators()[node.op_type].reverse
    if isinstance(rule, Missing):
        raise UserError(
            f"{node.op_type} cannot be differentiated backwards: {rule.reason}",
            place=_place(node, place),
            hint="by coordinates, the Taylor method needs no reverse rules",
        )
    operands = [None if value is None else Jet(value, {}) for value in node.inputs]
    return rule(emit, Application(operands, node.outputs[0], attributes_of(node), VALUES_ONLY), adjoint)


def _place(node: ir.Node, place: str | None) -> str:
    return f"{place or 'model'}: node {node.name!r}"
