"""Derivatives by parameters: gradients, Hessians and Hessian-vector products, Jacobians of each row.

A parameter is an initializer or an input, taken as a whole. All rows share it: the derivative of an output with one
number for each row is that of its *sum over rows*. (A loss that is the mean has its ReduceMean in the model.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement
from math import prod

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.derivative_names import by_parameters, per_row
from inrarch.derivatives.jet import Coefficients
from inrarch.derivatives.products import directional
from inrarch.derivatives.recorded import derivative_outputs
from inrarch.derivatives.request import MAX_COEFFICIENTS
from inrarch.derivatives.reverse import sweep
from inrarch.derivatives.shaping import integers, stack
from inrarch.derivatives.transform import Draft, begin, chosen_operands, chosen_outputs, named_operands
from inrarch.errors import UserError
from inrarch.graph.shapes import dims_of, shown


def gradient(
    model: ir.Model, outputs: Sequence[str], parameters: Sequence[str], *, place: str | None = None
) -> ir.Model:
    """The given outputs, and `y_d:W` = ∂(Σ y)/∂W of the shape of W, for each output and parameter.

    An output is one number, or one for each row: of shape [], [N], or with a last axis of size 1. Others are refused.
    There is one reverse sweep for each output.
    """
    chosen_operands(model, parameters, place)
    for value in chosen_outputs(model, outputs, place):
        _check_one_number_per_row(value, place)
    derivatives = derivative_outputs(model)
    names = [by_parameters(name, [parameter], derivatives) for name in outputs for parameter in parameters]
    draft = begin(model, names, place)
    draft.carry()
    emit, primal = draft.emit, list(draft.emit.nodes)
    operands = [draft.value(name) for name in parameters]
    found: list[ir.Value] = []
    for name in outputs:
        output = draft.value(name)
        emit.enter(name)
        ones = emit.full(emit.number(1, output), output)
        for operand, adjoint in zip(operands, sweep(emit, primal, {output: ones}, operands, place), strict=True):
            found.append(emit.zeros(operand, fresh=True) if adjoint is None else adjoint)
    return draft.finish(outputs, list(zip(names, found, strict=True)))


def hessian_vector_product(
    model: ir.Model, outputs: Sequence[str], parameters: Sequence[str], *, place: str | None = None
) -> ir.Model:
    """The given outputs, their gradients `y_d:W`, and `y_dv:W`: the derivative of each gradient along one direction.

    The direction is made of new inputs `v:W`, of the shape of W, for all parameters at once: `y_dv:W` = Σ over
    parameters U of (∂²y/∂W∂U · v:U). Forward (Taylor) through the graph of the gradient: its cost does not grow with
    the number of parameters.
    """
    first = gradient(model, outputs, parameters, place=place)
    values = [value.name for value in first.graph.outputs]
    return directional(first, values, values[len(outputs) :], parameters, 1, place=place)


def hessian(
    model: ir.Model,
    outputs: Sequence[str],
    parameters: Sequence[str],
    *,
    max_coefficients: int = MAX_COEFFICIENTS,
    place: str | None = None,
) -> ir.Model:
    """The given outputs, their gradients, and all second derivatives: blocks `y_d:W:b` of shape(W) + shape(b).

    Each pair of parameters is there once, in their order (`y_d:W:W`, `y_d:W:b`, `y_d:b:b`). Every entry of every
    parameter is a coordinate of an expansion of the gradient: refused above `max_coefficients`.
    """
    operands = chosen_operands(model, parameters, place)
    derivatives = derivative_outputs(model)
    first = gradient(model, outputs, parameters, place=place)
    sizes = _sizes(operands, "a Hessian", first, max_coefficients, place)
    pairs = list(combinations_with_replacement(parameters, 2))
    names = {(y, pair): by_parameters(y, pair, derivatives) for y in outputs for pair in pairs}
    draft = begin(first, list(names.values()), place)
    entries = _carry_entries(draft, operands, sizes)
    blocks: list[tuple[str, ir.Value]] = []
    for (output, (row, column)), name in names.items():
        draft.emit.enter(name)
        inner = by_parameters(output, [column], derivatives)
        parts = [draft.derivative(inner, (entry,)) for entry in entries[row]]
        blocks.append((name, _stacked(draft, parts, 0, [*sizes[row], *sizes[column]])))
    return draft.finish([value.name for value in first.graph.outputs], blocks)


def jacobian(
    model: ir.Model,
    outputs: Sequence[str],
    parameters: Sequence[str],
    *,
    max_coefficients: int = MAX_COEFFICIENTS,
    place: str | None = None,
) -> ir.Model:
    """The given outputs, and `y_J:W` of shape(y) + shape(W): derivatives of every entry, rows apart.

    Every entry of every parameter is a coordinate of an expansion of the model: refused above `max_coefficients`.
    """
    operands = chosen_operands(model, parameters, place)
    sizes = _sizes(operands, "a Jacobian", model, max_coefficients, place)
    for value in chosen_outputs(model, outputs, place):
        if dims_of(value) is None:
            raise UserError(f"the output {value.name!r} has an unknown rank", place=place, expected="known axes")
    names = {(y, parameter): per_row(y, parameter) for y in outputs for parameter in parameters}
    draft = begin(model, list(names.values()), place)
    entries = _carry_entries(draft, operands, sizes)
    found: list[tuple[str, ir.Value]] = []
    for (output, parameter), name in names.items():
        draft.emit.enter(name)
        parts = [draft.derivative(output, (entry,)) for entry in entries[parameter]]
        rank = len(dims_of(draft.value(output)) or ())
        found.append((name, _stacked(draft, parts, rank, [*[0] * rank, *sizes[parameter]])))
    return draft.finish(outputs, found)


def parameters_as_inputs(model: ir.Model, parameters: Sequence[str], *, place: str | None = None) -> ir.Model:
    """The model with these initializers as inputs, after those it has: for steps that change them (training, MAML)."""
    named_operands(model, parameters, place)
    result = model.clone()
    graph = result.graph
    for name in parameters:
        if name in graph.initializers:
            value = graph.initializers.pop(name)
            value.const_value = None
            graph.inputs.append(value)
    return result


def _check_one_number_per_row(value: ir.Value, place: str | None) -> None:
    dims = dims_of(value)
    if dims is None or not (dims[-1:] in ((), (1,)) or (len(dims) == 1 and not isinstance(dims[0], int))):
        raise UserError(
            f"the output {value.name!r} has {shown(dims)}, which is not one number",
            place=place,
            expected="one number, or one for each row (shape [N, 1] or [N]): its gradient is that of the sum over rows",
            hint="ask for a vector-Jacobian product (vjp) that weights the entries, or end the model in a loss",
        )


def _sizes(
    operands: Sequence[ir.Value], what: str, model: ir.Model, max_coefficients: int, place: str | None
) -> dict[str, list[int]]:
    """The shape of each parameter; refused where a size is not known, or where there are too many entries."""
    sizes: dict[str, list[int]] = {}
    for value in operands:
        dims = dims_of(value)
        known = [size for size in dims or () if isinstance(size, int)]
        if dims is None or len(known) < len(dims):
            raise UserError(f"wrt {value.name!r} has {shown(dims)}", place=place, expected=f"known sizes for {what}")
        sizes[value.name] = known
    entries = sum(map(prod, sizes.values()))
    if entries > max_coefficients:
        raise UserError(
            f"{what} by {entries} entries of parameters needs {entries} Taylor coefficients for each value, "
            f"about {entries * model.graph.num_nodes()} nodes",
            place=place,
            expected=f"at most {max_coefficients} coefficients",
            hint="ask for products with vectors (Hessian-vector, vjp, jvp), which cost the same for any number of "
            "parameters, or choose fewer parameters",
        )
    return sizes


def _carry_entries(draft: Draft, operands: Sequence[ir.Value], sizes: Mapping[str, list[int]]) -> dict[str, range]:
    """Expand by all entries of the parameters to order 1; the numbers of the coordinates of each parameter."""
    total, first = sum(map(prod, sizes.values())), 0
    seeds: dict[str, Coefficients] = {}
    entries: dict[str, range] = {}
    for value in operands:
        shape = sizes[value.name]
        entries[value.name] = range(first, first + prod(shape))
        seeds[value.name] = {}
        for entry in entries[value.name]:
            unit = np.zeros(prod(shape), dtype=value.dtype.numpy())
            unit[entry - first] = 1
            seeds[value.name][(entry,)] = draft.emit.constant(unit.reshape(shape), f"{value.name}_{entry - first}")
        first += prod(shape)
    draft.carry(seeds, [(entry,) for entry in range(total)], total)
    return entries


def _stacked(draft: Draft, parts: Sequence[ir.Value], axis: int, sizes: Sequence[int]) -> ir.Value:
    """Values of one shape along a new axis, then reshaped to these sizes (0: as it is)."""
    emit, dims = draft.emit, dims_of(parts[0]) or ()
    joined = stack(emit, parts, axis)
    target = integers(emit, sizes, "sizes")
    given = [known if size == 0 else size for size, known in zip(sizes, [*dims, *sizes], strict=False)]
    return emit.apply("Reshape", (joined, target), dims=tuple(given))
