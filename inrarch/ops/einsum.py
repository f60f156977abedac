"""Einsum: sums of products over labelled axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.contraction import Equation, Labels, Order, cheapest_order, read_equation
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.shaping import (
    dims_or_refuse,
    gather,
    integers,
    reduce,
    reshape,
    squeeze,
    transpose,
    unsqueeze,
    unsupported,
)
from inrarch.graph.shapes import Dims, broadcast, dims_of
from inrarch.ops.operator import BY_DECOMPOSITION, SMOOTH, Array, Hardware, Operator, by_decomposition, present


@dataclass(frozen=True, slots=True)
class _Labelled:
    """A value and the labels of its axes, each of which occurs once."""

    value: ir.Value
    labels: Labels


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """numpy's einsum."""
    arrays = [present(inputs, position) for position in range(len(inputs))]
    return (np.asarray(np.einsum(attributes["equation"], *arrays)),)


def decompose(emit: Emitter, application: Application) -> Sequence[ir.Value]:
    """Two operands at a time, in the cheapest order: a MatMul where an axis is summed, else a Mul."""
    values = [jet.value for jet in application.operands()]
    ranks = [len(dims_or_refuse(application, value)) for value in values]
    try:
        equation = read_equation(application.attributes["equation"], ranks)
    except ValueError as error:
        raise unsupported(application, f"its equation does not fit: {error}") from None
    sizes = _sizes(equation, values)
    operands = [
        _without_repeated(emit, application, _Labelled(value, labels), sizes)
        for value, labels in zip(values, equation.operands, strict=True)
    ]
    equation = Equation(tuple(each.labels for each in operands), equation.result)

    def contracted(order: Order) -> _Labelled:
        if order.parts is None:
            return _summed(emit, operands[order.operand or 0], order.labels)
        a, b = (contracted(part) for part in order.parts)
        return _contract(emit, application, a, b, order.labels)

    result = contracted(cheapest_order(equation, sizes))
    missing = [name for name in equation.result if name not in result.labels]  # of size 1, dropped above
    turned = transpose(
        emit, result.value, [result.labels.index(name) for name in equation.result if name not in missing]
    )
    return [unsqueeze(emit, turned, [equation.result.index(name) for name in missing])]


def _sizes(equation: Equation, values: Sequence[ir.Value]) -> dict[str, int | str | None]:
    sizes: dict[str, Dims] = {}
    for value, labels in zip(values, equation.operands, strict=True):
        for name, size in zip(labels, dims_of(value) or (), strict=True):
            sizes[name] = broadcast([sizes.get(name, (1,)), (size,)]) or (None,)
    return {name: dims[0] for name, dims in sizes.items()}


def _without_repeated(
    emit: Emitter, application: Application, operand: _Labelled, sizes: Mapping[str, int | str | None]
) -> _Labelled:
    """Each label once, by taking diagonals; an axis of size 1 that is broadcast to another size is dropped."""
    value, labels = operand.value, list(operand.labels)
    broadcasted = [axis for axis, name in enumerate(labels) if (dims_of(value) or ())[axis] == 1 and sizes[name] != 1]
    value = squeeze(emit, value, broadcasted)
    labels = [name for axis, name in enumerate(labels) if axis not in broadcasted]
    while repeated := [name for name in labels if labels.count(name) > 1]:
        name, dims = repeated[0], dims_of(value) or ()
        first = labels.index(name)
        second = labels.index(name, first + 1)
        size, others = dims[first], [axis for axis in range(len(dims)) if axis not in (first, second)]
        if not isinstance(size, int) or sum(not isinstance(dims[axis], int) for axis in others) > 1:
            raise unsupported(application, f"the size of the diagonal {name!r} is not known", "known sizes")
        value = transpose(emit, value, [*others, first, second])
        value = reshape(emit, value, (*(dims[axis] for axis in others), size * size))
        value = gather(emit, value, [k * (size + 1) for k in range(size)], len(others))
        labels = [*(labels[axis] for axis in others), name]
    return _Labelled(value, tuple(labels))


def _summed(emit: Emitter, operand: _Labelled, kept: frozenset[str]) -> _Labelled:
    """Without the axes that nothing else has."""
    axes = [axis for axis, name in enumerate(operand.labels) if name not in kept]
    value = reduce(emit, "ReduceSum", operand.value, axes, False)
    return _Labelled(value, tuple(name for name in operand.labels if name in kept))


def _contract(emit: Emitter, application: Application, a: _Labelled, b: _Labelled, kept: frozenset[str]) -> _Labelled:
    """The product of two values, summed over the labels that are not kept (all of them are in both)."""
    shared = [name for name in a.labels if name in b.labels]
    stack = tuple(name for name in shared if name in kept)
    inner = tuple(name for name in shared if name not in kept)
    rows = tuple(name for name in a.labels if name not in shared)
    columns = tuple(name for name in b.labels if name not in shared)
    if not inner or not (rows or columns):
        return _multiplied(emit, a, b, (*stack, *rows, *columns, *inner), len(inner))
    dims = _Sizes(emit, application, dict(zip(b.labels, dims_of(b.value) or (), strict=True)))
    dims.sizes.update(zip(a.labels, dims_of(a.value) or (), strict=True))
    left = dims.grouped(a, stack, rows, inner)
    right = dims.grouped(b, stack, inner, columns)
    return _Labelled(dims.ungrouped(emit.matmul(left, right), stack, rows, columns), (*stack, *rows, *columns))


def _multiplied(emit: Emitter, a: _Labelled, b: _Labelled, labels: Labels, inner: int) -> _Labelled:
    """Mul with broadcasting, then the sum over the last axes."""
    factors = []
    for operand in (a, b):
        present_labels = [name for name in labels if name in operand.labels]
        turned = transpose(emit, operand.value, [operand.labels.index(name) for name in present_labels])
        factors.append(unsqueeze(emit, turned, [k for k, name in enumerate(labels) if name not in operand.labels]))
    axes = range(len(labels) - inner, len(labels))
    product = reduce(emit, "ReduceSum", emit.multiply(factors[0], factors[1]), axes, False)
    return _Labelled(product, labels[: len(labels) - inner])


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Bringing labelled axes into the form of a stack of matrices and back."""

    emit: Emitter
    application: Application
    sizes: dict[str, int | str | None]

    def grouped(self, operand: _Labelled, stack: Labels, rows: Labels, columns: Labels) -> ir.Value:
        """[stack…, rows, columns]: several labels become one axis, none becomes an axis of size 1."""
        turned = transpose(self.emit, operand.value, [operand.labels.index(name) for name in (*stack, *rows, *columns)])
        if len(rows) == len(columns) == 1:
            return turned
        return self._reshaped(turned, stack, (self._size(rows), self._size(columns)))

    def ungrouped(self, product: ir.Value, stack: Labels, rows: Labels, columns: Labels) -> ir.Value:
        """The axes of a product apart again."""
        if len(rows) == len(columns) == 1:
            return product
        return self._reshaped(product, stack, tuple(self.sizes[name] for name in (*rows, *columns)))

    def _size(self, labels: Labels) -> int | str | None:
        if len(labels) == 1:
            return self.sizes[labels[0]]
        known = [size for size in map(self.sizes.get, labels) if isinstance(size, int)]
        return prod(known) if len(known) == len(labels) else None

    def _reshaped(self, value: ir.Value, stack: Labels, last: Dims) -> ir.Value:
        """The axes of the stack stay (0 in a target says so); one further size may be unknown."""
        first = tuple(self.sizes[name] for name in stack)
        target = [size if isinstance(size, int) else -1 for size in last]
        if target.count(-1) > 1:
            raise unsupported(self.application, "several sizes are not known", "one unknown size, that of the batch")
        listed = integers(self.emit, [*([0] * len(stack)), *target], "shape")
        return self.emit.apply("Reshape", (value, listed), dims=(*first, *last))


OPERATOR = Operator(
    name="Einsum",
    evaluate=evaluate,
    taylor=by_decomposition,
    reverse=BY_DECOMPOSITION,
    hardware=Hardware("matmul", written="Transpose, Reshape, MatMul, Mul and ReduceSum"),
    smooth=SMOOTH,
    decompose=decompose,
)
