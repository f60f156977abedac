"""Jets through a graph: each node is copied, and its Taylor rule writes the coefficients of its result."""

from __future__ import annotations

from collections.abc import Mapping

import onnx_ir as ir

from inrarch.derivatives.assemble import copied
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients, Jet
from inrarch.derivatives.space import Space
from inrarch.graph.attributes import attributes_of
from inrarch.ops import operators


def propagate(
    emit: Emitter,
    source: ir.Graph,
    seeds: Mapping[str, Coefficients],
    space: Space,
    renamed: Mapping[str, str],
) -> dict[ir.Value, Jet]:
    """The jet of every value of `source`, written through `emit`.

    seeds: coefficients of inputs and initializers by name, each broadcastable to its tensor; whatever is not listed is
    constant. space: the coefficients to carry. renamed: new names of values, where they do not keep their own.
    """
    jets: dict[ir.Value, Jet] = {}
    for value in [*source.inputs, *source.initializers.values()]:
        jets[value] = Jet(copied(value, renamed.get(value.name)), seeds.get(value.name, {}))
    for node in source:
        jets[node.outputs[0]] = _through(emit, node, jets, space, renamed)
    return jets


def _through(
    emit: Emitter,
    node: ir.Node,
    jets: Mapping[ir.Value, Jet],
    space: Space,
    renamed: Mapping[str, str],
) -> Jet:
    """Copy a node, and write the coefficients of its result where an operand has some."""
    operands = [None if value is None else jets[value] for value in node.inputs]
    name, given = node.name, node.outputs[0].name
    output = copied(node.outputs[0], renamed.get(given))
    operand_values = [None if jet is None else jet.value for jet in operands]
    emit.append(ir.Node("", node.op_type, operand_values, node.attributes, outputs=[output], name=name))
    if not any(jet is not None and jet.coefficients for jet in operands):
        return Jet(output, {})
    emit.enter(name)
    application = Application(operands, output, attributes_of(node), space)
    coefficients = operators()[node.op_type].taylor(emit, application)
    for index, value in coefficients.items():
        label = space.label(index)
        emit.name(value, f"{name}{label}", f"{given}{label}")
    return Jet(output, coefficients)
