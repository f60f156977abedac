"""Composite operators replaced by their decompositions, so that derivative rules see simple ones only."""

from __future__ import annotations

import onnx_ir as ir

from inrarch.derivatives.assemble import assemble, copied, names_of
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Jet
from inrarch.derivatives.space import VALUES_ONLY
from inrarch.graph.attributes import attributes_of
from inrarch.graph.shapes import dims_of
from inrarch.ops import operators


def lower(model: ir.Model) -> ir.Model:
    """The same function without composite operators; the given model itself where there is none.

    Every node of the result has one output. Names are kept, but for results inside the graph that
    composite operators made.
    """
    known = operators()
    if not any(known[node.op_type].decompose is not None for node in model.graph):
        return model
    source = model.graph
    results = {value.name for value in source.outputs}
    emit = Emitter(names_of(source))
    values: dict[ir.Value, ir.Value] = {
        value: copied(value) for value in [*source.inputs, *source.initializers.values()]
    }
    for node in source:
        operands = [None if value is None else values[value] for value in node.inputs]
        decompose = known[node.op_type].decompose
        if decompose is None:
            outputs = [copied(value) for value in node.outputs]
            emit.append(ir.Node("", node.op_type, operands, node.attributes, outputs=outputs, name=node.name))
            values.update(zip(node.outputs, outputs, strict=True))
            continue
        emit.enter(node.name)
        jets = [None if value is None else Jet(value, {}) for value in operands]
        application = Application(jets, node.outputs[0], attributes_of(node), VALUES_ONLY)
        for old, new in zip(node.outputs, decompose(emit, application), strict=False):
            values[old] = new
            if old.name in results:
                # the name of an output belongs to one value: an operand or a shared result does not take it
                values[old] = emit.apply("Identity", (new,), dims=dims_of(new), fresh=True)
                values[old].name = old.name
    inputs = [values[value] for value in source.inputs]
    weights = [values[value] for value in source.initializers.values()]
    return assemble(emit, inputs, weights, [values[value] for value in source.outputs], source.name)
