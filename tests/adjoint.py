"""The adjoint identity <v, J u> = <Jᵀ v, u>: reverse rules against power series, which share nothing with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnx_ir as ir

from inrarch.derivatives.assemble import assemble, copied, names_of
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Jet
from inrarch.derivatives.lower import lower
from inrarch.derivatives.reductions import sum_of_coefficient
from inrarch.derivatives.shaping import reduce
from inrarch.derivatives.space import partials
from inrarch.graph.attributes import attributes_of
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.save import to_proto
from inrarch.graph.shapes import dims_of
from inrarch.ops import operators
from inrarch.ops.operator import Missing
from tests.series import evaluate_series

ROWS = 3


def pull_back(model: ir.Model, wrt: list[str]) -> ir.Model:
    """A graph with further inputs `bar_<output>` and the outputs `bar_<name>` of `wrt` (inputs or initializers)."""
    source = lower(model).graph
    emit = Emitter(names_of(source))
    values = {value: copied(value) for value in [*source.inputs, *source.initializers.values()]}
    nodes = list(source)
    for node in nodes:
        operands = [None if value is None else values[value] for value in node.inputs]
        values[node.outputs[0]] = copied(node.outputs[0])
        emit.append(
            ir.Node("", node.op_type, operands, node.attributes, outputs=[values[node.outputs[0]]], name=node.name)
        )
    adjoints: dict[ir.Value, ir.Value] = {}
    seeds = []
    for value in source.outputs:
        seeds.append(ir.Value(name=f"bar_{value.name}", shape=value.shape, type=value.type))
        adjoints[values[value]] = seeds[-1]
    for node in reversed(nodes):
        output = values[node.outputs[0]]
        if output not in adjoints:
            continue
        emit.enter(f"{node.name}/back")
        operands = [None if value is None else values[value] for value in node.inputs]
        jets = [None if value is None else Jet(value, {}) for value in operands]
        rule = operators()[node.op_type].reverse
        assert not isinstance(rule, Missing), rule.reason
        found = rule(emit, Application(jets, output, attributes_of(node), partials(0, ())), adjoints[output])
        assert len(found) == len(operands)
        for operand, adjoint in zip(operands, found, strict=True):
            if operand is not None and adjoint is not None:
                adjoint = summed_down(emit, adjoint, operand)
                adjoints[operand] = emit.add(adjoints[operand], adjoint) if operand in adjoints else adjoint
    named = {value.name: value for value in values.values()}
    results = []
    for name in wrt:
        found_adjoint = adjoints.get(named[name]) or emit.zeros(named[name])
        results.append(emit.apply("Identity", (found_adjoint,), dims=dims_of(named[name]), fresh=True))
        results[-1].name = f"bar_{name}"
    inputs = [*(values[value] for value in source.inputs), *seeds]
    weights = [values[value] for value in source.initializers.values()]
    return assemble(emit, inputs, weights, results, source.name)


def summed_down(emit: Emitter, adjoint: ir.Value, operand: ir.Value) -> ir.Value:
    given, wanted = dims_of(adjoint), dims_of(operand)
    assert given is not None
    assert wanted is not None
    extra = len(given) - len(wanted)
    adjoint = reduce(emit, "ReduceSum", adjoint, range(extra), False)
    axes = [axis for axis, size in enumerate(wanted) if size == 1 and given[axis + extra] != 1]
    return sum_of_coefficient(emit, adjoint, adjoint, axes, True)


def check_adjoint(
    model: onnx.ModelProto, *, constants: tuple[str, ...] = (), tolerance: float = 1e-10, rows: int = ROWS
) -> ir.Model:
    """The identity for a float64 model by all its float inputs and initializers together, but for `constants`."""
    generator = np.random.default_rng(3)
    loaded = load_model(model)
    shapes = {value.name: dims_of(value) or () for value in loaded.graph.inputs if value.dtype == ir.DataType.DOUBLE}
    feeds = {
        name: generator.uniform(-1, 1, [size if isinstance(size, int) else rows for size in shape])
        for name, shape in shapes.items()
    }
    used = lower(loaded).graph.initializers
    weights = {
        name: value.const_value.numpy()
        for name, value in loaded.graph.initializers.items()
        if value.dtype == ir.DataType.DOUBLE and name not in constants and name in used
    }
    directions = {name: generator.uniform(-1, 1, np.shape(array)) for name, array in (feeds | weights).items()}
    series = {name: np.stack([array, directions[name]]) for name, array in (feeds | weights).items()}
    forward = evaluate_series(loaded, series, 1)
    graph = pull_back(loaded, list(directions))
    vectors = {name: generator.uniform(-1, 1, array[1].shape) for name, array in forward.items()}
    seeds = {f"bar_{name}": array for name, array in vectors.items()}
    found: dict[str, Any] = evaluate(graph, {**feeds, **seeds})
    left = sum(float(np.vdot(vectors[name], array[1])) for name, array in forward.items())
    right = sum(float(np.vdot(found[f"bar_{name}"], along)) for name, along in directions.items())
    for name, along in directions.items():
        assert found[f"bar_{name}"].shape == along.shape, name
    assert abs(left - right) <= tolerance * max(1.0, abs(left)), (left, right)
    assert left != 0
    to_proto(graph)
    return graph
