"""Forward (Taylor) expansion: from a graph to one that computes the requested partial derivatives.

Every value carries the coefficients of the smallest downward-closed set of multi-indices under the request. Coordinates
start with one-hot coefficients (times the step); each node's Taylor rule writes those of its result; at the outputs the
coefficient of α is multiplied by α!.
"""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.indices import index_factorial, suffix
from inrarch.derivatives.jet import Application, Coefficients, Jet
from inrarch.derivatives.recorded import record_derivatives
from inrarch.derivatives.request import Request
from inrarch.graph.attributes import attributes_of
from inrarch.graph.load import IR_VERSION, OPSET
from inrarch.graph.needed import needed
from inrarch.graph.shapes import dims_of, to_shape
from inrarch.ops import operators


def expand(model: ir.Model, request: Request) -> ir.Model:
    """A new graph with the outputs of the request; the weights are shared with the given one, which is not changed.

    Its metadata says which outputs are derivatives.
    """
    source = model.graph
    emit = Emitter([*_names(source), *(target.name for target in request.targets)])
    primal_names = _primal_names(emit, source, request)
    inputs = {value: _copy(value, value.name) for value in source.inputs}
    weights = {value: _copy(value, primal_names[value.name]) for value in source.initializers.values()}
    for value, copy in weights.items():
        copy.const_value = value.const_value
    seeds = _seeds(emit, inputs, request)
    jets = {value: Jet(copy, seeds.get(value, {})) for value, copy in (inputs | weights).items()}
    for node in source:
        jets[node.outputs[0]] = _expand_node(emit, node, jets, request, primal_names)
    outputs = _outputs(emit, source, jets, request)
    nodes, used = needed(emit.nodes, outputs)
    graph = ir.Graph(
        list(inputs.values()),
        outputs,
        nodes=nodes,
        initializers=[value for value in [*weights.values(), *emit.constants] if value in used],
        opset_imports={"": OPSET},
        name=source.name or "derivatives",
    )
    derivative = ir.Model(graph, ir_version=IR_VERSION, producer_name="inrarch")
    record_derivatives(derivative, [target.name for target in request.targets if target.index])
    return derivative


def _copy(value: ir.Value, name: str) -> ir.Value:
    return ir.Value(name=name, shape=to_shape(dims_of(value)), type=value.type)


def _names(graph: ir.Graph) -> list[str]:
    """All names of a graph: of its values and of its nodes."""
    names = [value.name for value in [*graph.inputs, *graph.initializers.values()]]
    for node in graph:
        names += [node.name, *(value.name for value in node.outputs)]
    return names


def _primal_names(emit: Emitter, source: ir.Graph, request: Request) -> dict[str, str]:
    """New names of the given graph's values: their own, unless a requested output takes it."""
    results = [value.name for node in source for value in node.outputs]
    taken = {target.name for target in request.targets} - {target.value for target in request.targets}
    return {name: emit.unique(name) if name in taken else name for name in [*source.initializers, *results]}


def _seeds(emit: Emitter, inputs: dict[ir.Value, ir.Value], request: Request) -> dict[ir.Value, Coefficients]:
    """Coefficients of the coordinates: one-hot rows of shape [1, …, d], times the step."""
    by_name = {value.name: value for value in inputs}
    seeds: dict[ir.Value, Coefficients] = {}
    first = 0
    for name, size in zip(request.wrt, request.sizes, strict=True):
        value = by_name[name]
        seeds[value] = {}
        for coordinate in range(first, first + size):
            row = np.zeros([1] * (len(dims_of(value) or ()) - 1) + [size], dtype=value.dtype.numpy())
            row[..., coordinate - first] = request.step
            if (coordinate,) in request.indices:
                label = name + suffix((coordinate,), request.coordinates)
                seeds[value][(coordinate,)] = emit.constant(row, label)
        first += size
    return seeds


def _expand_node(
    emit: Emitter, node: ir.Node, jets: dict[ir.Value, Jet], request: Request, primal_names: dict[str, str]
) -> Jet:
    """Copy a node of the primal graph, and write the coefficients of its result where an operand has some."""
    operands = [None if value is None else jets[value] for value in node.inputs]
    name, given = node.name, node.outputs[0].name
    output = _copy(node.outputs[0], primal_names[given])
    operand_values = [None if jet is None else jet.value for jet in operands]
    emit.append(ir.Node("", node.op_type, operand_values, node.attributes, outputs=[output], name=name))
    if not any(jet is not None and jet.coefficients for jet in operands):
        return Jet(output, {})
    emit.enter(name)
    application = Application(operands, output, attributes_of(node), request.indices)
    coefficients = operators()[node.op_type].taylor(emit, application)
    for index, value in coefficients.items():
        label = suffix(index, request.coordinates)
        emit.name(value, f"{name}{label}", f"{given}{label}")
    return Jet(output, coefficients)


def _outputs(emit: Emitter, source: ir.Graph, jets: dict[ir.Value, Jet], request: Request) -> list[ir.Value]:
    """One value per target, with its name and the shape of the model's output."""
    by_name = {value.name: jets[value] for value in source.outputs}
    outputs: list[ir.Value] = []
    for target in request.targets:
        jet = by_name[target.value]
        if not target.index:
            outputs.append(jet.value)
            continue
        emit.enter(target.name)
        coefficient = jet.coefficients.get(target.index)
        if coefficient is None:
            result = emit.zeros(jet.value, fresh=True)
        else:
            result = emit.full(emit.scale(coefficient, index_factorial(target.index)), jet.value)
        if result.producer() is None or result in outputs:
            result = emit.apply("Identity", (result,), dims=dims_of(result), fresh=True)
        result.name = target.name
        outputs.append(result)
    return outputs
