"""Forward (Taylor) expansion: from a graph to one that computes the requested derivatives.

Every value carries the coefficients of the smallest space closed under the request. Coordinates start with one-hot rows
(times the step); each node's Taylor rule writes the coefficients of its result; the outputs are combinations of those.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.assemble import assemble, names_of
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Coefficients
from inrarch.derivatives.propagate import propagate
from inrarch.derivatives.recorded import record_derivatives
from inrarch.derivatives.request import Request
from inrarch.derivatives.results import apply_to_jet, write_target
from inrarch.derivatives.space import Space
from inrarch.derivatives.targets import Target
from inrarch.graph.shapes import dims_of


def expand(model: ir.Model, request: Request) -> ir.Model:
    """A new graph with the outputs of the request; the weights are shared with the given one, which is not changed.

    Its metadata says which outputs are derivatives.
    """
    source = model.graph
    emit = Emitter([*names_of(source), *(target.name for target in request.targets)])
    renamed = renamed_for(emit, source, request.targets)
    jets = propagate(emit, source, seeds(emit, source, request, request.space), request.space, renamed)
    inputs = [jets[value].value for value in source.inputs]
    weights = [jets[value].value for value in source.initializers.values()]
    by_name = {value.name: jets[value] for value in source.outputs}
    outputs: list[ir.Value] = []
    for target in request.targets:
        jet = by_name[target.value]
        outputs.append(write_target(emit, jet.value, apply_to_jet(emit, jet, request.space), target, outputs))
    derivative = assemble(emit, inputs, weights, outputs, source.name)
    orders = {target.name: target.order for target in request.targets if target.index != ()}
    record_derivatives(derivative, orders, orders)
    return derivative


def renamed_for(emit: Emitter, source: ir.Graph, targets: Sequence[Target]) -> dict[str, str]:
    """New names for values of the given graph whose own name a requested output takes."""
    results = [value.name for node in source for value in node.outputs]
    taken = {target.name for target in targets} - {target.value for target in targets}
    return {name: emit.unique(name) for name in [*source.initializers, *results] if name in taken}


def seeds(emit: Emitter, source: ir.Graph, request: Request, space: Space) -> dict[str, Coefficients]:
    """Coefficients of the coordinates: rows of shape [1, …, d], times the step; one-hot for single partials."""
    by_name = {value.name: value for value in source.inputs}
    found: dict[str, Coefficients] = {}
    first = 0
    for name, size in zip(request.wrt, request.sizes, strict=True):
        value = by_name[name]
        found[name] = {}
        for index in space.indices:
            row = np.zeros([1] * (len(dims_of(value) or ()) - 1) + [size], dtype=value.dtype.numpy())
            for coordinate, weight in space.first_order(index).items():
                if first <= coordinate < first + size:
                    row[..., coordinate - first] = request.step * float(weight)
            if row.any():
                found[name][index] = emit.constant(row, name + space.label(index))
        first += size
    return found
