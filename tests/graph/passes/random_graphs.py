"""Random small graphs of bounded values, as hypothesis draws them: whatever a careless exporter could write."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import hypothesis.strategies as st
import numpy as np
import onnx
from onnx import helper

from tests.models import build_model

LIMIT = 8.0
"""Values that may become larger than this go through Sin, so that rounding is not amplified without bound."""

NUMBERS = (0.0, 1.0, -1.0, 0.5, 2.0, -3.0, 0.3, 1.5)
VECTORS = ((1.0, 1.0, 1.0), (0.5, 2.0, -1.5), (0.0, 0.0, 0.0), (2.0, 2.0, 2.0), (1.0, -1.0, 1.0))
INPUTS = {"x": ("N", 3), "r": (1, 3)}


@st.composite
def random_models(draw: st.DrawFn, dtype: type = np.float64) -> onnx.ModelProto:
    """Inputs `x` [N, 3] and `r` [1, 3]; up to 14 steps; the last few values are the outputs."""
    builder = Builder(draw)
    for _ in range(draw(st.integers(2, 14))):
        builder.step()
    if not builder.nodes:
        builder.unary()
    outputs = {name: ("N" if rows else 1, 3) for name, (_, rows) in list(builder.values.items())[2:][-3:]}
    return build_model(builder.nodes, INPUTS, outputs, builder.weights, dtype=dtype)


class Builder:
    """Draws node after node. Every value has shape [N, 3] or [1, 3]; `values` has (bound of magnitude, is [N, 3])."""

    def __init__(self, draw: st.DrawFn) -> None:
        generator = np.random.default_rng(draw(st.integers(0, 9)))
        self.draw = draw
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, Any] = {f"w{i}": generator.uniform(-1, 1, (3, 3)) for i in range(2)}
        self.weights["shape"] = np.array([-1, 3])
        self.values: dict[str, tuple[float, bool]] = {"x": (2.0, True), "r": (2.0, False)}

    def step(self) -> None:
        steps = (self.unary, self.binary, self.with_constant, self.divided, self.linear, self.noise,
                 self.power, self.selection, self.softplus, self.cut, self.reshaped, self.joined_layer,
                 self.regrouped)  # fmt: skip
        self.draw(st.sampled_from(steps))()

    def any_value(self) -> tuple[str, float, bool]:
        name = self.draw(st.sampled_from(list(self.values)[-6:]))
        return name, *self.values[name]

    def constant(self) -> tuple[str, Any]:
        array = np.array(self.draw(st.sampled_from(NUMBERS + VECTORS)))
        if array.ndim and self.draw(st.booleans()):
            array = array.reshape(1, 3)
        name = f"c{len(self.weights)}"
        self.weights[name] = array
        return name, array

    def node(self, operator: str, inputs: list[str], **attributes: Any) -> str:
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], name=f"n{len(self.nodes)}", **attributes))
        return name

    def keep(self, name: str, bound: float, rows: bool) -> None:
        if bound > LIMIT:
            name, bound = self.node("Sin", [name]), 1.0
        self.values[name] = (bound, rows)

    def unary(self) -> None:
        operator = self.draw(st.sampled_from(("Neg", "Neg", "Sin", "Cos", "Tanh", "Sigmoid")))
        name, bound, rows = self.any_value()
        self.keep(self.node(operator, [name]), bound if operator == "Neg" else 1.0, rows)

    def binary(self) -> None:
        operator = self.draw(st.sampled_from(("Add", "Sub", "Mul")))
        (a, bound_a, rows_a), (b, bound_b, rows_b) = self.any_value(), self.any_value()
        bound = bound_a * bound_b if operator == "Mul" else bound_a + bound_b
        self.keep(self.node(operator, [a, b]), bound, rows_a or rows_b)

    def with_constant(self) -> None:
        operator = self.draw(st.sampled_from(("Add", "Sub", "Mul", "Mul")))
        (a, bound, rows), (c, array) = self.any_value(), self.constant()
        size = float(np.abs(array).max())
        inputs = [a, c] if self.draw(st.booleans()) else [c, a]
        self.keep(self.node(operator, inputs), bound * size if operator == "Mul" else bound + size, rows)

    def divided(self) -> None:
        (a, bound, rows), (c, array) = self.any_value(), self.constant()
        if array.all():
            self.keep(self.node("Div", [a, c]), bound / float(np.abs(array).min()), rows)

    def linear(self) -> None:
        (a, bound, rows), weight = self.any_value(), self.draw(st.sampled_from(("w0", "w1")))
        if self.draw(st.booleans()):
            self.keep(self.node("MatMul", [a, weight]), 3 * bound, rows)
        else:
            alpha, transposed = self.draw(st.sampled_from((1.0, 2.0))), self.draw(st.integers(0, 1))
            bias, array = self.constant()
            product = self.node("Gemm", [a, weight, bias], alpha=alpha, transB=transposed)
            self.keep(product, 3 * alpha * bound + float(np.abs(array).max()), rows)

    def noise(self) -> None:
        name, bound, rows = self.any_value()
        kind = self.draw(st.sampled_from(("Identity", "Reshape", "Transpose", "Expand", "Concat")))
        if kind == "Identity":
            self.keep(self.node("Identity", [name]), bound, rows)
        elif kind == "Reshape":
            self.keep(self.node("Reshape", [name, "shape"]), bound, rows)
        elif kind == "Transpose":
            inner = self.node("Sin", [self.node("Transpose", [name], perm=[1, 0])])
            self.keep(self.node("Transpose", [inner], perm=[1, 0]), 1.0, rows)
        elif kind == "Expand":
            self.keep(self.node("Expand", [name, self.node("Shape", ["x"])]), bound, True)
        else:
            numbers = {"zero": [0], "one": [1], "three": [3]}
            self.weights |= {key: np.array(value) for key, value in numbers.items()}
            parts = [self.node("Slice", [name, *ends, "one"]) for ends in (("zero", "one"), ("one", "three"))]
            self.keep(self.node("Concat", parts, axis=1), bound, rows)

    def power(self) -> None:
        name, bound, rows = self.any_value()
        number = self.draw(st.sampled_from((1.0, 2.0, 3.0, 4.0)))
        base = name if bound <= 2 else self.node("Sin", [name])
        self.keep(self.node("Pow", [base, self.number(number)]), 2.0**number, rows)

    def selection(self) -> None:
        """One condition for two selections, one inside the other; sometimes it is decided."""
        (a, bound_a, rows_a), (b, bound_b, rows_b) = self.any_value(), self.any_value()
        rows, bound = rows_a or rows_b, max(bound_a, bound_b)
        condition = self.node(self.draw(st.sampled_from(("Greater", "LessOrEqual"))), [a, self.number(0.1)])
        if self.draw(st.booleans()):
            self.weights["decided"] = np.array(self.draw(st.booleans()))
            condition = "decided"
        if self.draw(st.booleans()):
            condition = self.node("Not", [condition])
        inner = self.node("Where", [condition, a, b])
        pair = [inner, b] if self.draw(st.booleans()) else [b, inner]
        self.keep(self.node("Where", [condition, *pair]), bound, rows)

    def softplus(self) -> None:
        """As PyTorch exports it, with the threshold above or below which the case distinction matters."""
        name, bound, rows = self.any_value()
        beta, threshold = self.number(self.draw(st.sampled_from((1.0, 20.0)))), self.draw(st.sampled_from((2.0, 40.0)))
        inner = self.node("Mul", [name, beta])
        smooth = self.node("Div", [self.node("Softplus", [inner]), beta])
        above = self.node("Greater", [inner, self.number(threshold)])
        self.keep(self.node("Where", [above, name, smooth]), bound + 1, rows)

    def cut(self) -> None:
        """Two or three slices, joined in some order; three of four columns may remain, cut again."""
        name, bound, rows = self.any_value()
        edges = self.draw(st.sampled_from(((0, 1, 3), (0, 2, 3), (0, 1, 2, 3))))
        parts = [self.sliced(name, first, last) for first, last in pairwise(edges)]
        parts = list(self.draw(st.permutations(parts)))
        if self.draw(st.booleans()):
            joined = self.node("Concat", [*parts, self.sliced(name, 1, 2)], axis=1)
            self.keep(self.sliced(joined, *self.draw(st.sampled_from(((0, 3), (1, 4))))), bound, rows)
        else:
            self.keep(self.node("Concat", parts, axis=-1), bound, rows)

    def sliced(self, name: str, first: int, last: int) -> str:
        bounds = [self.integers([number]) for number in (first, last, 1)]
        return self.node("Slice", [name, *bounds])

    def reshaped(self) -> None:
        """Another shape and back, with something in between."""
        name, bound, rows = self.any_value()
        kind = self.draw(st.sampled_from(("Reshape", "Unsqueeze", "Flatten")))
        target = {"Reshape": self.integers([-1, 3, 1]), "Unsqueeze": self.integers([2])}
        inner = self.node(kind, [name, target[kind]] if kind in target else [name])
        if self.draw(st.booleans()):
            inner, bound = self.node("Cos", [inner]), 1.0
        if kind == "Reshape" and self.draw(st.booleans()):
            inner = self.node("Transpose", [inner], perm=[0, 2, 1])
        self.keep(self.node("Reshape", [inner, "shape"]), bound, rows)

    def joined_layer(self) -> None:
        """A layer over a value and the coordinates, or over two values."""
        name, bound, _ = self.any_value()
        rows = [other for other, (_, free) in self.values.items() if free]
        first = name if name in rows else self.node("Expand", [name, self.node("Shape", ["x"])])
        second = "x" if self.draw(st.booleans()) else self.draw(st.sampled_from(rows))
        self.weights["joined"] = np.random.default_rng(0).uniform(-1, 1, (6, 3))
        product = self.node("MatMul", [self.node("Concat", [first, second], axis=1), "joined"])
        self.keep(product, 3 * (bound + self.values[second][0]), True)

    def regrouped(self) -> None:
        """The same three values added or multiplied in two groupings."""
        values = [self.any_value() for _ in range(3)]
        operator = self.draw(st.sampled_from(("Add", "Mul")))
        a, b, c = (name if bound <= 2 else self.node("Sin", [name]) for name, bound, _ in values)
        left = self.node(operator, [self.node(operator, [a, b]), c])
        right = self.node(operator, [a, self.node(operator, [c, b])])
        self.keep(self.node("Sub", [left, self.node("Sin", [right])]), 9.0, any(rows for _, _, rows in values))

    def number(self, number: float) -> str:
        name = f"c{len(self.weights)}"
        self.weights[name] = np.array(number)
        return name

    def integers(self, numbers: list[int]) -> str:
        name = f"i{len(self.weights)}"
        self.weights[name] = np.array(numbers)
        return name
