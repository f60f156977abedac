"""From what an emitter has collected to a model: only what the outputs need, with the weights of the given one."""

from __future__ import annotations

from collections.abc import Sequence

import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.graph.load import IR_VERSION
from inrarch.graph.needed import needed
from inrarch.graph.opset import OPSET
from inrarch.graph.shapes import dims_of, to_shape


def assemble(
    emit: Emitter,
    inputs: Sequence[ir.Value],
    weights: Sequence[ir.Value],
    outputs: Sequence[ir.Value],
    name: str | None,
) -> ir.Model:
    """A model of the emitter's nodes that lead to `outputs`; weights and constants that none of them uses are left out.

    All inputs stay, also those that nothing uses.
    """
    nodes, used = needed(emit.nodes, outputs)
    graph = ir.Graph(
        list(inputs),
        list(outputs),
        nodes=nodes,
        initializers=[value for value in [*weights, *emit.constants] if value in used],
        opset_imports={"": OPSET},
        name=name or "derivatives",
    )
    return ir.Model(graph, ir_version=IR_VERSION, producer_name="inrarch")


def copied(value: ir.Value, name: str | None = None) -> ir.Value:
    """A value for another graph with the same shape, type and constant (shared, not copied)."""
    copy = ir.Value(name=name or value.name, shape=to_shape(dims_of(value)), type=value.type)
    copy.const_value = value.const_value
    return copy


def names_of(graph: ir.Graph) -> list[str]:
    """All names of a graph: of its values and of its nodes."""
    names = [value.name for value in [*graph.inputs, *graph.initializers.values()]]
    for node in graph:
        names += [node.name, *(value.name for value in node.outputs)]
    return names
