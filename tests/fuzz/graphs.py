"""Random models over all operators that inrarch accepts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import onnx

from inrarch.ops import operators
from tests.fuzz import linear_steps, pointwise_steps, structure_steps
from tests.fuzz.builder import Builder, Step, Tensor


@dataclass(frozen=True, slots=True)
class Case:
    """A model, the inputs to differentiate by, and an order that keeps the tower small."""

    model: onnx.ModelProto
    wrt: tuple[str, ...]
    order: int


@cache
def steps(opset: int) -> tuple[tuple[Step, ...], ...]:
    """By kind; those whose operators are accepted, and known to the opset."""
    return tuple(
        tuple(step for step in kind if set(step.operators) <= set(operators()) and step.opset <= opset)
        for kind in (pointwise_steps.STEPS, structure_steps.STEPS, linear_steps.STEPS)
    )


def random_case(seed: int, *, dtype: type = np.float64, largest: int = 8) -> Case:
    """One to three coordinates in one or two inputs; values of rank 0 to 4; the same case for the same seed."""
    builder = Builder(seed, dtype)
    sizes = builder.choose([(1,), (2,), (3,), (1, 1), (2, 1), (1, 2)])
    wrt = ("x", "t")[: len(sizes)]
    for name, size in zip(wrt, sizes, strict=True):
        builder.inputs[name] = (*builder.rows, size)
        builder.pool.append(Tensor(name, (size,), 1.0))
    if builder.chance(0.3):
        builder.inputs["fixed"] = (*builder.rows, 2)
        builder.pool.insert(0, Tensor("fixed", (2,), 1.0))
    if builder.chance(0.3):
        builder.inputs["shared"] = (3,)
        builder.shared.append(("shared", (3,)))
    if builder.chance(0.7):
        widen(builder)
    before = len(builder.pool)
    wanted = len(builder.nodes) + builder.integer(2, largest)
    while len(builder.nodes) < wanted or len(builder.pool) == before:
        kind = builder.choose(steps(builder.opset))
        builder.choose(kind).add(builder, builder.pick())
    return Case(builder.finish(), wrt, builder.integer(1, 3))


def widen(builder: Builder) -> None:
    """A first layer, as networks have it; its features often in two axes, so that all operators find their shapes."""
    first = builder.pool[-1]
    shape = builder.choose([(4,), (2, 3), (3, 2), (1, 4), (2, 2, 2)])
    width = int(np.prod(shape))
    layer = builder.add("MatMul", [first.name, builder.uniform((first.tail[0], width))], (width,), 3.0)
    if len(shape) > 1:
        target = builder.integers(*(0 for _ in builder.rows), *shape)
        builder.add("Reshape", [layer.name, target], shape, layer.bound)
