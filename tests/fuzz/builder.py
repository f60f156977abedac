"""A random model under construction: what a step may pick from, and how it adds nodes of bounded values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import onnx
from onnx import helper

from tests.models import build_model

Tail = tuple[int, ...]

LARGEST_TAIL = 24
LARGEST_RANK = 4
LIMIT = 8.0
"""Values that may become larger than this are squashed, so that rounding is not amplified without bound."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A value of shape rows + tail; `bound` limits its magnitude."""

    name: str
    tail: Tail
    bound: float


@dataclass(frozen=True, slots=True)
class Step:
    """Something that can be added: the operators it needs, and the opset that knows them."""

    operators: tuple[str, ...]
    add: Callable[[Builder, Tensor], None]
    opset: int = 13


class Builder:
    """`rows` are the first axes of every value in the pool: a free number, two axes, or none (a single point)."""

    def __init__(self, seed: int, dtype: type) -> None:
        self.random = np.random.default_rng(seed)
        self.dtype = dtype
        self.opset = int(self.choose([13, 17, 18, 18, 20, 21, 24]))
        self.rows: tuple[int | str, ...] = self.choose([("N",), ("N",), ("N",), ("N", 2), ()])
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, Any] = {}
        self.inputs: dict[str, tuple[int | str, ...]] = {}
        self.pool: list[Tensor] = []
        self.shared: list[tuple[str, Tail]] = []
        """Inputs without rows."""

    # --- drawing -----------------------------------------------------------------------------------------------------

    def choose(self, options: Any) -> Any:
        return options[int(self.random.integers(len(options)))]

    def chance(self, probability: float) -> bool:
        return bool(self.random.random() < probability)

    def integer(self, low: int, high: int) -> int:
        """From `low` to `high`, both possible."""
        return int(self.random.integers(low, high + 1))

    def pick(self) -> Tensor:
        """Mostly one of the newest values, so that graphs become deep; any, so that they have skip connections."""
        return self.choose(self.pool[-3:] if self.chance(0.6) else self.pool)

    # --- values ------------------------------------------------------------------------------------------------------

    def constant(self, array: Any) -> str:
        name = f"c{len(self.weights)}"
        self.weights[name] = np.asarray(array)
        return name

    def integers(self, *numbers: int) -> str:
        return self.constant(np.array(numbers, dtype=np.int64))

    def uniform(self, shape: tuple[int, ...], low: float = -1.0, high: float = 1.0) -> str:
        return self.constant(self.random.uniform(low, high, shape))

    def node(self, operator: str, inputs: list[str], *, outputs: int = 1, **attributes: Any) -> str:
        """The name of the (first) result; the others are `<name>_1`, …"""
        name = f"v{len(self.nodes)}"
        results = [name, *(f"{name}_{number}" for number in range(1, outputs))]
        self.nodes.append(helper.make_node(operator, inputs, results, name=f"{operator}_{name}", **attributes))
        return name

    def add(self, operator: str, inputs: list[str], tail: Tail, bound: float, **attributes: Any) -> Tensor:
        """A node whose result goes into the pool."""
        return self.keep(self.node(operator, inputs, **attributes), tail, bound)

    def keep(self, name: str, tail: Tail, bound: float) -> Tensor:
        if bound > LIMIT:
            name, bound = self.node(self.choose(["Sin", "Tanh"]), [name]), 1.0
        tensor = Tensor(name, tail, bound)
        if prod(tail) <= LARGEST_TAIL and len(self.rows) + len(tail) <= LARGEST_RANK:
            self.pool.append(tensor)
        return tensor

    def squashed(self, tensor: Tensor, scale: float = 1.0, shift: float = 0.0) -> str:
        """scale · tanh(tensor) + shift."""
        name = self.node("Tanh", [tensor.name])
        if scale != 1.0:
            name = self.node("Mul", [name, self.constant(scale)])
        return self.node("Add", [name, self.constant(shift)]) if shift else name

    def positive(self, tensor: Tensor) -> str:
        """Between 1 and 3."""
        return self.squashed(tensor, 1.0, 2.0)

    # --- shapes ------------------------------------------------------------------------------------------------------

    def axis(self, tensor: Tensor, position: int) -> int:
        """An axis of the tail as ONNX counts it, sometimes from the end."""
        axis = len(self.rows) + position
        return axis - len(self.rows) - len(tensor.tail) if self.chance(0.4) else axis

    def position(self, tensor: Tensor) -> int:
        return self.integer(0, len(tensor.tail) - 1)

    def partner(self, tensor: Tensor) -> tuple[str, Tail, float]:
        """A value, constant or shared input that broadcasts with this value; the common tail; its bound."""
        fitting = [
            each
            for each in self.pool
            if len(each.tail) == len(tensor.tail)
            and all(a == b or 1 in (a, b) for a, b in zip(each.tail, tensor.tail, strict=True))
        ]
        if self.chance(0.6):
            chosen = self.choose(fitting)
            return chosen.name, tuple(map(max, chosen.tail, tensor.tail)), chosen.bound
        for name, tail in self.shared:
            if tail == tensor.tail[len(tensor.tail) - len(tail) :]:
                return name, tensor.tail, 1.0
        shape = [self.choose([size, size, 1]) if size > 1 else self.integer(1, 3) for size in tensor.tail]
        common = tuple(map(max, shape, tensor.tail))
        kept = self.integer(0, len(shape))
        cut = tuple(shape[len(shape) - kept :])
        if kept == len(shape) and self.chance(0.3):
            cut = (1,) * len(self.rows) + cut
        common = tuple(
            size if position >= len(shape) - kept else tensor.tail[position] for position, size in enumerate(common)
        )
        return self.uniform(cut, -1.5, 1.5), common, 1.5

    # --- the model ---------------------------------------------------------------------------------------------------

    def finish(self) -> onnx.ModelProto:
        """The last value of the pool, and sometimes an earlier one, as outputs."""
        outputs: dict[str, Any] = {}
        chosen = [self.pool[-1]] + ([self.choose(self.pool)] if self.chance(0.25) else [])
        for number, tensor in enumerate(chosen):
            name = f"y{number}" if number else "y"
            self.nodes.append(helper.make_node("Identity", [tensor.name], [name], name=f"out_{name}"))
            outputs[name] = (*self.rows, *tensor.tail)
        return build_model(self.nodes, self.inputs, outputs, self.weights, dtype=self.dtype, opset=self.opset)
