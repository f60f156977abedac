"""A reverse sweep of the simplest kind, in numpy, one node after the other: what tests of reverse rules use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnx_ir as ir

from inrarch.derivatives.assemble import assemble, copied
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Jet
from inrarch.derivatives.lower import lower
from inrarch.derivatives.space import partials
from inrarch.graph.attributes import attributes_of
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.shapes import to_shape
from inrarch.ops import operators
from tests.series import evaluate_series

Array = np.ndarray[Any, Any]


def check_adjoint_identity(
    model: onnx.ModelProto, feeds: Mapping[str, Array], *, tolerance: float = 1e-10, seed: int = 0
) -> dict[str, Array]:
    """<v, J w> = <Jᵀ v, w> for a float64 model with output `y` and random v, w; J w comes from power series.

    Returns the adjoints Jᵀ v of the inputs.
    """
    generator = np.random.default_rng(seed)
    loaded = load_model(model)
    directions = {name: generator.normal(size=array.shape) for name, array in feeds.items()}
    series = {name: np.stack([array, directions[name]]) for name, array in feeds.items()}
    along = evaluate_series(loaded, series, 1)["y"][1]
    covector = generator.normal(size=along.shape)
    adjoints = sweep(loaded, feeds, covector)
    terms = [adjoints[name] * directions[name] for name in feeds]
    forward, backward = float((covector * along).sum()), float(sum(each.sum() for each in terms))
    scale = float(np.abs(covector * along).sum() + sum(np.abs(each).sum() for each in terms))
    assert scale > 0
    assert abs(forward - backward) <= tolerance * scale
    return adjoints


def sweep(loaded: ir.Model, feeds: Mapping[str, Array], covector: Array) -> dict[str, Array]:
    """Adjoints of the inputs from that of the output `y`."""
    graph = lower(loaded).graph
    names = [value.name for node in graph for value in node.outputs]
    values = {**feeds, **evaluate(ir.Model(graph, ir_version=8), feeds, wanted=names)}
    values |= {value.name: value.const_value.numpy() for value in graph.initializers.values()}
    adjoints: dict[str, Array] = {"y": covector}
    for node in reversed(list(graph)):
        adjoint = adjoints.get(node.outputs[0].name)
        if adjoint is None:
            continue
        for value, found in zip(node.inputs, _through(node, values, adjoint), strict=True):
            if found is not None:
                before = adjoints.get(value.name, 0.0)
                adjoints[value.name] = before + _summed_down(found, np.shape(values[value.name]))
    return {name: adjoints.get(name, np.zeros(array.shape)) for name, array in feeds.items()}


def _through(node: ir.Node, values: Mapping[str, Array], adjoint: Array) -> list[Array | None]:
    """The reverse rule of one node, evaluated."""
    emit = Emitter(["adjoint", *values])
    output = copied(node.outputs[0])
    inputs = {output.name: output}
    operands: list[ir.Value | None] = []
    for value in node.inputs:
        operands.append(None if value is None else inputs.setdefault(value.name, copied(value)))
    received = ir.Value(name="adjoint", shape=to_shape(adjoint.shape), type=output.type)
    application = Application(
        [None if each is None else Jet(each, {}) for each in operands], output, attributes_of(node), partials(0, ())
    )
    rule = operators()[node.op_type].reverse
    assert callable(rule)
    results = rule(emit, application, received)
    assert len(results) == len(node.inputs)
    named = [None if each is None else emit.apply("Identity", (each,), fresh=True) for each in results]
    constants = [value for value in inputs.values() if value.const_value is not None]
    fed = [value for value in inputs.values() if value.const_value is None]
    model = assemble(emit, [*fed, received], constants, [each for each in named if each is not None], None)
    found = evaluate(model, {**{value.name: values[value.name] for value in fed}, "adjoint": adjoint})
    return [None if each is None else found[each.name] for each in named]


def _summed_down(array: Array, shape: tuple[int, ...]) -> Array:
    """The sum over the axes along which an operand of this shape was broadcast."""
    array = array.sum(axis=tuple(range(array.ndim - len(shape))))
    axes = tuple(axis for axis, size in enumerate(shape) if size == 1 and array.shape[axis] > 1)
    return array.sum(axis=axes, keepdims=True)
