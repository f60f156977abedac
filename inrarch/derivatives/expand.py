"""Forward (Taylor) expansion: from a graph to one that computes the requested partial derivatives.

Every value carries the coefficients of the smallest downward-closed set of multi-indices under the request. Coordinates
start with one-hot coefficients (times the step); each node's Taylor rule writes those of its result; at the outputs the
coefficient of α is multiplied by α!.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.assemble import assemble, names_of
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.indices import index_factorial, suffix
from inrarch.derivatives.jet import Coefficients, Jet
from inrarch.derivatives.propagate import propagate
from inrarch.derivatives.recorded import record_derivatives
from inrarch.derivatives.request import Request
from inrarch.graph.shapes import dims_of


def expand(model: ir.Model, request: Request) -> ir.Model:
    """A new graph with the outputs of the request; the weights are shared with the given one, which is not changed.

    Its metadata says which outputs are derivatives.
    """
    source = model.graph
    emit = Emitter([*names_of(source), *(target.name for target in request.targets)])
    renamed = _renamed(emit, source, request)
    seeds = _seeds(emit, source, request)
    jets = propagate(emit, source, seeds, request.indices, request.coordinates, renamed)
    inputs = [jets[value].value for value in source.inputs]
    weights = [jets[value].value for value in source.initializers.values()]
    derivative = assemble(emit, inputs, weights, _outputs(emit, source, jets, request), source.name)
    record_derivatives(derivative, [target.name for target in request.targets if target.index])
    return derivative


def _renamed(emit: Emitter, source: ir.Graph, request: Request) -> dict[str, str]:
    """New names for values of the given graph whose own name a requested output takes."""
    results = [value.name for node in source for value in node.outputs]
    taken = {target.name for target in request.targets} - {target.value for target in request.targets}
    return {name: emit.unique(name) for name in [*source.initializers, *results] if name in taken}


def _seeds(emit: Emitter, source: ir.Graph, request: Request) -> dict[str, Coefficients]:
    """Coefficients of the coordinates: one-hot rows of shape [1, …, d], times the step."""
    by_name = {value.name: value for value in source.inputs}
    seeds: dict[str, Coefficients] = {}
    first = 0
    for name, size in zip(request.wrt, request.sizes, strict=True):
        value = by_name[name]
        seeds[name] = {}
        for coordinate in range(first, first + size):
            row = np.zeros([1] * (len(dims_of(value) or ()) - 1) + [size], dtype=value.dtype.numpy())
            row[..., coordinate - first] = request.step
            if (coordinate,) in request.indices:
                label = name + suffix((coordinate,), request.coordinates)
                seeds[name][(coordinate,)] = emit.constant(row, label)
        first += size
    return seeds


def _outputs(emit: Emitter, source: ir.Graph, jets: Mapping[ir.Value, Jet], request: Request) -> list[ir.Value]:
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
