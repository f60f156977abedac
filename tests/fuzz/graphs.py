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
def steps(opset: int) -> tuple[Step, ...]:
    """Those whose operators are accepted, and known to the opset."""
    every = (*pointwise_steps.STEPS, *structure_steps.STEPS, *linear_steps.STEPS)
    return tuple(step for step in every if set(step.operators) <= set(operators()) and step.opset <= opset)


def random_case(seed: int, *, dtype: type = np.float64, largest: int = 9) -> Case:
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
    available = steps(builder.opset)
    before = len(builder.pool)
    count = builder.integer(2, largest)
    while count > 0 or len(builder.pool) == before:
        builder.choose(available).add(builder, builder.pick())
        count -= 1
    return Case(builder.finish(), wrt, builder.integer(1, 3))
