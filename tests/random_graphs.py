"""Random small models of common operators, shrinkable, for property tests: x [N, d] to y [N, m], rows independent.

Models over all operators: `tests.fuzz`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from hypothesis import strategies as st
from onnx import helper

from tests.models import build_model

UNARY = ("Sin", "Cos", "Tanh", "Sigmoid", "Softplus", "Relu", "Neg", "Identity", "Exp")
BINARY = ("Add", "Sub", "Mul", "Div", "Where")
KINDS = ("unary", "unary", "binary", "binary", "constant", "gemm", "matmul", "concat", "slice", "reshape", "transpose")


class _Graph:
    """A model under construction; `pool` has the width of every value [N, width]."""

    def __init__(self, draw: st.DrawFn, coordinates: int, dtype: type) -> None:
        self.draw = draw
        self.dtype = dtype
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, Any] = {}
        self.pool: dict[str, int] = {"x": coordinates}
        self.random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def node(self, operator: str, inputs: list[str], width: int, **attributes: Any) -> str:
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], name=f"{operator}_{name}", **attributes))
        self.pool[name] = width
        return name

    def weight(self, array: Any) -> str:
        name = f"w{len(self.weights)}"
        self.weights[name] = np.asarray(array)
        return name

    def pick(self) -> str:
        return self.draw(st.sampled_from(sorted(self.pool)))

    def bounded(self, value: str) -> str:
        return self.node("Tanh", [value], self.pool[value])

    def partner(self, width: int) -> str:
        """A value that broadcasts with this width."""
        return self.draw(st.sampled_from([name for name in sorted(self.pool) if self.pool[name] in (1, width)]))

    def step(self) -> None:
        kind, value = self.draw(st.sampled_from(KINDS)), self.pick()
        width = self.pool[value]
        if kind == "unary":
            operator = self.draw(st.sampled_from(UNARY))
            self.node(operator, [self.bounded(value) if operator == "Exp" else value], width)
        elif kind == "binary":
            self.binary(self.draw(st.sampled_from(BINARY)), value, self.partner(width), width)
        elif kind == "constant":
            shape = self.draw(st.sampled_from([(), (width,), (1, width), (1, 1)]))
            operator = self.draw(st.sampled_from(BINARY[:4]))
            number = self.weight(self.random.uniform(0.5, 1.5, shape) * self.draw(st.sampled_from([-1, 1])))
            first = operator == "Div" or self.draw(st.booleans())
            self.node(operator, [value, number] if first else [number, value], width)
        elif kind in ("gemm", "matmul"):
            self.product(kind, value, width)
        elif kind == "concat":
            others = [self.pick() for _ in range(self.draw(st.integers(1, 2)))]
            if width + sum(self.pool[each] for each in others) <= 8:
                self.node("Concat", [value, *others], width + sum(self.pool[each] for each in others), axis=1)
        elif kind == "slice":
            start = self.draw(st.integers(0, width - 1))
            end = self.draw(st.integers(start + 1, width))
            bounds = [self.weight(np.array([each])) for each in (start, end, self.draw(st.sampled_from([1, -1])))]
            self.node("Slice", [value, *bounds], end - start)
        else:
            self.rearrange(kind, value, width)

    def binary(self, operator: str, a: str, b: str, width: int) -> None:
        if operator == "Where":
            condition = self.node("Greater", [a, self.weight(0.1)], width)
            del self.pool[condition]
            self.node("Where", [condition, a, b], width)
            return
        if operator == "Div":
            b = self.node("Add", [self.bounded(b), self.weight(2.0)], self.pool[b])
        self.node(operator, [a, b], width)

    def product(self, kind: str, value: str, width: int) -> None:
        columns = self.draw(st.integers(1, 4))
        weight = self.random.normal(size=(width, columns)) / np.sqrt(width)
        if kind == "matmul":
            self.node("MatMul", [value, self.weight(weight)], columns)
            return
        transposed = self.draw(st.integers(0, 1))
        operands = [value, self.weight(weight.T if transposed else weight)]
        if self.draw(st.booleans()):
            operands.append(self.weight(self.random.normal(size=columns)))
        alpha = self.draw(st.sampled_from([1.0, 0.5]))
        self.node("Gemm", operands, columns, transB=transposed, alpha=alpha)

    def rearrange(self, kind: str, value: str, width: int) -> None:
        """To [N, width, 1] or its transposition, and back."""
        shape = self.weight(np.array([self.draw(st.sampled_from([0, -1])), width, 1]))
        inner = self.node("Reshape", [value, shape], width)
        if kind == "transpose":
            inner = self.node("Transpose", [inner], width, perm=[0, 2, 1])
        result = self.node("Reshape", [inner, self.weight(np.array([-1, width]))], width)
        self.pool = {name: size for name, size in self.pool.items() if name == result or not self.rank_3(name)}

    def rank_3(self, name: str) -> bool:
        producer = next((node for node in self.nodes if node.output[0] == name), None)
        if producer is None or producer.op_type not in ("Reshape", "Transpose"):
            return False
        return producer.op_type == "Transpose" or self.weights[producer.input[1]].size == 3


@st.composite
def models(draw: st.DrawFn, dtype: type = np.float64, largest: int = 10) -> onnx.ModelProto:
    """A model in 1 to 3 coordinates with up to about twice `largest` nodes."""
    graph = _Graph(draw, draw(st.integers(1, 3)), dtype)
    for _ in range(draw(st.integers(1, largest))):
        graph.step()
    last = max(graph.pool, key=lambda name: int(name[1:] or -1))
    last = graph.node("Identity", [last], graph.pool[last]) if last == "x" else last
    graph.nodes.append(helper.make_node("Add", [graph.bounded(last), graph.weight(0.0)], ["y"], name="Add_y"))
    return build_model(
        graph.nodes, {"x": ["N", graph.pool["x"]]}, {"y": ["N", graph.pool[last]]}, graph.weights, dtype=dtype
    )
