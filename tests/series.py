"""An independent judge: ONNX graphs over truncated power series in one variable t, by textbook recurrences.

A tensor is an array whose *first* axis counts powers of t. With x(t) = x + t v, coefficient k of the result is
Σ_{|α|=k} c_α v^α, where c_α are the Taylor coefficients that inrarch computes: one random v checks all of an order.
Nothing here is shared with the package but the shape of onnx_ir's graphs.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import onnx_ir as ir

Series = np.ndarray[Any, Any]
Rule = Callable[[list[Any], dict[str, Any]], Any]


def evaluate_series(model: ir.Model, feeds: dict[str, Series], order: int) -> dict[str, Series]:
    """Outputs as series; feeds are series of order + 1 coefficients, of inputs and also of initializers."""
    from tests import pointwise_series, structural_series

    rules = RULES | pointwise_series.RULES | structural_series.RULES
    values: dict[str, Series] = dict(feeds)
    for value in model.graph.initializers.values():
        if value.name in feeds:
            continue
        array = value.const_value.numpy()
        values[value.name] = constant(array.astype(float), order) if array.dtype.kind == "f" else array
    for node in model.graph:
        operands = [None if value is None else values[value.name] for value in node.inputs]
        attributes = {name: attribute.value for name, attribute in node.attributes.items()}
        rule = rules[node.op_type]
        if node.op_type in MOVES and operands[0].dtype.kind != "f":
            rule = of_integers(rule, len(operands) if node.op_type == "Concat" else 1)
        results = rule(operands, attributes)
        for value, result in zip(node.outputs, results if isinstance(results, tuple) else (results,), strict=False):
            values[value.name] = lengthened(result, order)
    return {value.name: values[value.name] for value in model.graph.outputs}


def lengthened(result: Any, order: int) -> Any:
    """Numbers made of integers and truth values are series of one term: the others are 0."""
    if result.dtype.kind != "f" or len(result) == order + 1:
        return result
    return np.concatenate([result, np.zeros((order, *result.shape[1:]))])


def of_integers(rule: Rule, data: int) -> Rule:
    """A rule that moves entries, for sizes and indices, which are no series: as if the first operands had one term."""

    def moved(operands: list[Any], attributes: dict[str, Any]) -> Any:
        return rule([*(each[None] for each in operands[:data]), *operands[data:]], attributes)[0]

    return moved


def constant(array: Any, order: int) -> Series:
    series = np.zeros((order + 1, *np.shape(array)))
    series[0] = array
    return series


def aligned(*series: Series) -> list[Series]:
    """Same number of tensor axes for all, so that numpy's broadcasting leaves the first axis alone."""
    rank = max(each.ndim for each in series)
    return [each.reshape(each.shape[0], *[1] * (rank - each.ndim), *each.shape[1:]) for each in series]


def bilinear(a: Series, b: Series, operation: Callable[[Any, Any], Any]) -> Series:
    return np.stack([sum(operation(a[j], b[k - j]) for j in range(k + 1)) for k in range(len(a))])


def multiply(a: Series, b: Series) -> Series:
    return bilinear(*aligned(a, b), np.multiply)


def divide(a: Series, b: Series) -> Series:
    a, b = aligned(a, b)
    quotient: list[Any] = []
    for k in range(len(a)):
        quotient.append((a[k] - sum(quotient[j] * b[k - j] for j in range(k))) / b[0])
    return np.stack(np.broadcast_arrays(*quotient))


def integrate(slope: Series, start: Any) -> Series:
    """The series with this derivative (the last coefficient of `slope` is not needed) and this value at 0."""
    powers = np.arange(1, len(slope)).reshape(-1, *[1] * (slope.ndim - 1))
    return np.concatenate([np.broadcast_to(start, slope[:1].shape), slope[:-1] / powers])


def derivative(u: Series) -> Series:
    powers = np.arange(1, len(u)).reshape(-1, *[1] * (u.ndim - 1))
    return np.concatenate([u[1:] * powers, np.zeros_like(u[:1])])


def solve(u: Series, start: Any, slope_of: Callable[[Series], Series]) -> Series:
    """y with y' = slope_of(y) u' and y(0) = start; each round of the iteration makes one more coefficient right."""
    y = constant(start, len(u) - 1)
    for _ in range(len(u)):
        y = integrate(multiply(slope_of(y), derivative(u)), start)
    return y


def sine_and_cosine(u: Series) -> tuple[Series, Series]:
    sine, cosine = constant(np.sin(u[0]), len(u) - 1), constant(np.cos(u[0]), len(u) - 1)
    for _ in range(len(u)):
        sine, cosine = (
            integrate(multiply(cosine, derivative(u)), np.sin(u[0])),
            integrate(-multiply(sine, derivative(u)), np.cos(u[0])),
        )
    return sine, cosine


def sigmoid(u: Series) -> Series:
    return solve(u, 1 / (1 + np.exp(-u[0])), lambda s: s - multiply(s, s))


def tanh(u: Series) -> Series:
    one = constant(np.ones_like(u[0]), len(u) - 1)
    return solve(u, np.tanh(u[0]), lambda y: one - multiply(y, y))


def gemm(operands: list[Any], attributes: dict[str, Any]) -> Series:
    a, b = operands[:2]
    a = a.swapaxes(1, 2) if attributes.get("transA") else a
    b = b.swapaxes(1, 2) if attributes.get("transB") else b
    result = bilinear(a, b, np.matmul) * attributes.get("alpha", 1.0)
    if len(operands) > 2:
        result = sum_of(result, attributes.get("beta", 1.0) * operands[2])
    return result


def sum_of(a: Series, b: Series) -> Series:
    a, b = aligned(a, b)
    return a + b


def where(condition: Any, a: Series, b: Series) -> Series:
    held, a, b = aligned(condition[None], a, b)
    return np.where(held, a, b)


def cut(operands: list[Any], attributes: dict[str, Any]) -> Series:
    data, starts, ends = operands[:3]
    axes = operands[3] if len(operands) > 3 else range(len(starts))
    steps = operands[4] if len(operands) > 4 else [1] * len(starts)
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        size = data.shape[1:][axis]
        wanted = [i for i in range(size) if i in _slice_indices(int(start), int(end), int(step), size)]
        data = np.take(data, wanted if step > 0 else wanted[::-1], axis=int(axis) % (data.ndim - 1) + 1)
    return data


def _slice_indices(start: int, end: int, step: int, size: int) -> set[int]:
    return set(range(size)[slice(start, None if end < -size else end, step)])


def reshape(operands: list[Any], attributes: dict[str, Any]) -> Series:
    data, target = operands
    sizes = [data.shape[1:][axis] if size == 0 else int(size) for axis, size in enumerate(target)]
    return np.stack([each.reshape(sizes) for each in data])


def transpose(operands: list[Any], attributes: dict[str, Any]) -> Series:
    perm = attributes.get("perm") or range(operands[0].ndim - 1)[::-1]
    return operands[0].transpose(0, *(axis + 1 for axis in perm))


def concat(operands: list[Any], attributes: dict[str, Any]) -> Series:
    axis = attributes["axis"]
    return np.concatenate(operands, axis=axis + 1 if axis >= 0 else axis)


def expand(operands: list[Any], attributes: dict[str, Any]) -> Series:
    data, shape = operands
    (data, _) = aligned(data, np.zeros((1, *shape)))
    return np.stack([np.broadcast_to(each, np.broadcast_shapes(each.shape, tuple(shape))) for each in data])


MOVES = ("Concat", "Gather", "Reshape", "Slice", "Squeeze", "Unsqueeze")
"""Operators that exporters apply to sizes as well."""

RULES: dict[str, Rule] = {
    "Add": lambda o, _: sum_of(*o),
    "Sub": lambda o, _: sum_of(o[0], -o[1]),
    "Mul": lambda o, _: multiply(*o),
    "Div": lambda o, _: divide(*o),
    "Neg": lambda o, _: -o[0],
    "Identity": lambda o, _: o[0],
    "Sin": lambda o, _: sine_and_cosine(o[0])[0],
    "Cos": lambda o, _: sine_and_cosine(o[0])[1],
    "Exp": lambda o, _: solve(o[0], np.exp(o[0][0]), lambda y: y),
    "Tanh": lambda o, _: tanh(o[0]),
    "Sigmoid": lambda o, _: sigmoid(o[0]),
    "Softplus": lambda o, _: integrate(multiply(sigmoid(o[0]), derivative(o[0])), np.log1p(np.exp(o[0][0]))),
    "Relu": lambda o, _: np.where(o[0][:1] > 0, o[0], 0.0),
    "Greater": lambda o, _: o[0][0] > o[1][0],
    "Where": lambda o, _: where(*o),
    "MatMul": lambda o, _: bilinear(*o, np.matmul),
    "Gemm": gemm,
    "Slice": cut,
    "Reshape": reshape,
    "Transpose": transpose,
    "Concat": concat,
    "Expand": expand,
    "Shape": lambda o, a: np.array(o[0].shape[1:][a.get("start", 0) : a.get("end")]),
}


def directional(values: dict[str, Any], name: str, direction: Series, order: int) -> Series:
    """Series along a direction from inrarch's derivatives: coefficient k = Σ over all ordered k-tuples / k!."""
    from math import factorial

    coordinates = len(direction)
    separator = "_" if coordinates > 10 else ""
    result = []
    for k in range(order + 1):
        total: Any = 0.0
        for chosen in product(range(coordinates), repeat=k):
            label = "_d" + separator.join(map(str, sorted(chosen))) if k else ""
            total = total + values[name + label] * np.prod(direction[list(chosen)])
        result.append(total / factorial(k))
    return np.stack(result)
