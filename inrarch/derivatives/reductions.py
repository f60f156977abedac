"""What all reductions share: their axes, their evaluation, and the rules of those that are linear."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.shaping import constant_of, dims_or_refuse, reduce, unsqueeze, unsupported
from inrarch.graph.shapes import dims_of

if TYPE_CHECKING:
    from inrarch.ops.operator import Array, Evaluate


def reduction(function: Callable[[Array, tuple[int, ...], bool], Any]) -> Evaluate:
    """The evaluation rule of a reduction, from a function of the array, the axes and whether they stay with size 1."""

    def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
        data, listed = inputs[0], inputs[1] if len(inputs) > 1 else None
        if data is None:
            raise ValueError("input 0 is missing")  # onnx.checker has refused such a model
        axes = tuple(range(data.ndim))
        if listed is not None and listed.size:
            axes = tuple(sorted({int(axis) % data.ndim for axis in listed}))
        elif attributes.get("noop_with_empty_axes", 0):
            axes = ()
        return (np.asarray(function(data, axes, bool(attributes.get("keepdims", 1)))),)

    return evaluate


def axes_of(application: Application) -> list[int]:
    """The axes that a node reduces, counted from 0, in rising order."""
    rank = len(dims_or_refuse(application, application.operand(0).value))
    listed = application.optional(1)
    axes = constant_of(listed.value) if listed is not None else []
    if axes is None:
        raise unsupported(application, "its axes are computed", "constant axes")
    if axes:
        return sorted({axis % rank for axis in axes})
    return [] if application.attributes.get("noop_with_empty_axes", 0) else list(range(rank))


def keeps_dims(application: Application) -> bool:
    """Whether the reduced axes stay, with size 1."""
    return bool(application.attributes.get("keepdims", 1))


def per_entry(emit: Emitter, application: Application, adjoint: ir.Value, axes: Sequence[int]) -> ir.Value:
    """The adjoint of a sum over the number of entries n that each entry of the result is made of: ȳ / n.

    Where the size of an axis (the batch) is not known, n is counted at run time: by a sum of ones.
    """
    operand = application.operand(0).value
    dims = dims_or_refuse(application, operand)
    sizes = [size for axis in axes if isinstance(size := dims[axis], int)]
    if len(sizes) == len(axes):
        return emit.scale(adjoint, Fraction(1, max(1, prod(sizes))))
    ones = emit.full(emit.number(1, operand), operand)
    count = reduce(emit, "ReduceSum", ones, axes, keeps_dims(application))
    return emit.elementwise("Div", adjoint, count)


def sum_of_coefficient(
    emit: Emitter, coefficient: ir.Value, like: ir.Value, axes: Sequence[int], keepdims: bool
) -> ir.Value:
    """The sum over axes of a coefficient that is only broadcastable to its tensor: what is repeated is multiplied."""
    coefficient = emit.full_along(coefficient, like, [])
    given, wanted = dims_of(coefficient), dims_of(like)
    repeated, unknown = 1, list(axes)
    if given is not None and wanted is not None:
        unknown = []
        for axis in axes:
            size, full = given[axis], wanted[axis]
            if size == 1 and isinstance(full, int):
                repeated *= full
            else:
                unknown.append(axis)
    coefficient = emit.full_along(coefficient, like, unknown)
    return emit.scale(reduce(emit, "ReduceSum", coefficient, axes, keepdims), repeated)


def spread(emit: Emitter, application: Application, value: ir.Value, axes: Sequence[int]) -> ir.Value:
    """A value of the shape of the result, brought to the rank of the operand."""
    return value if keeps_dims(application) else unsqueeze(emit, value, axes)
