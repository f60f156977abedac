"""Graphs of pointwise nodes whose tensors have formats of any width and binary point, drawn node by node."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import onnx
import onnx_ir as ir
from onnx import TensorProto, helper, numpy_helper

from inrarch.errors import UserError
from inrarch.graph.load import load_model
from inrarch.numeric.bittrue import run
from inrarch.numeric.formats import Factor, Format, Formats, TensorFormat
from inrarch.numeric.functions import table_functions

UNARY = ("Neg", "Abs", "Relu", "Floor", "Round", "Identity")
BINARY = ("Add", "Sub", "Mul", "Mul")
COMPARED = ("Greater", "Equal")
LOGIC = ("And", "Or", "Xor", "Not")
OPERATORS = (*UNARY, *BINARY, "Where")
FUNCTIONS = (*(name.capitalize() for name in table_functions()), "Pow", "Pow")
BITS = (8, 32)
EXPONENTS = (-0.5, 0.5, 2.75, -1.5)


class RandomNodes:
    """A graph that grows by one node at a time; a node whose exact result is too wide is drawn again.

    chained: whether nodes read the results of others too, not the inputs alone.
    """

    def __init__(self, seed: int, features: int, inputs: int, *, chained: bool) -> None:
        self.draw = random.Random(seed)
        self.features, self.chained = features, chained
        self.tensors: dict[str, TensorFormat] = {}
        self.factors: dict[str, Factor] = {}
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, np.ndarray] = {}
        self.inputs = [self._data(f"x{number}", self._format()) for number in range(inputs)]
        self.values = list(self.inputs)
        self.outputs: list[str] = []

    def add(self, operator: str) -> None:
        """One node that computes numbers, with those that give its condition, on the last values or a constant."""
        while True:
            kept = (dict(self.tensors), dict(self.factors), list(self.nodes), dict(self.constants))
            result = self._node(operator, f"{operator} {len(self.outputs)}")
            try:
                run(*self.built([result]), {name: np.zeros((1, self.features)) for name in self.inputs})
            except UserError:
                self.tensors, self.factors, self.nodes, self.constants = kept
                continue
            self.outputs.append(result)
            if self.chained:
                self.values.append(result)
            return

    def built(self, outputs: Sequence[str] | None = None) -> tuple[ir.Model, Formats]:
        """The graph, whose outputs are all results, and its formats."""
        shape = ["rows", self.features]
        graph = helper.make_graph(
            self.nodes,
            "random",
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in self.inputs],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in outputs or self.outputs],
            [numpy_helper.from_array(array, name) for name, array in self.constants.items()],
        )
        model = load_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8))
        return model, Formats("fixed", BITS[1], 18, 0, self.tensors, factors=self.factors)

    def _format(self, near: int | None = None) -> Format:
        bits = self.draw.randint(*BITS)
        frac = self.draw.randint(-2, bits + 3) if near is None else near + self.draw.randint(-6, 6)
        return Format(bits, frac)

    def _data(self, name: str, fmt: Format) -> str:
        self.tensors[name] = TensorFormat("data", fmt, 1.0)
        return name

    def _operand(self, result: str) -> str:
        if self.draw.random() < 0.75:
            return self.draw.choice(self.values[-6:])
        name, fmt = f"{result} constant {len(self.constants)}", self._format()
        size = self.draw.choice([(), (self.features,), (1, self.features)])
        integers = np.array([self.draw.randint(fmt.lowest, fmt.highest) for _ in range(max(1, int(np.prod(size))))])
        self.constants[name] = np.ldexp(integers.astype(np.float64), -fmt.frac).astype(np.float32).reshape(size)
        self.tensors[name] = TensorFormat("constant", fmt, 1.0)
        return name

    def _truth(self, result: str) -> str:
        """A comparison, or two with logic between them."""
        logic = self.draw.choice([*LOGIC, "", ""])
        sides = []
        for side in range(2 if logic in ("And", "Or", "Xor") else 1):
            pair = [self.draw.choice(self.values[-6:]), self._operand(result)]
            sides.append(self._truth_node(self.draw.choice(COMPARED), pair, f"{result} side {side}"))
        return self._truth_node(logic, sides, f"{result} truth") if logic else sides[0]

    def _truth_node(self, operator: str, taken: list[str], result: str) -> str:
        self.nodes.append(helper.make_node(operator, taken, [result], name=f"n {result}"))
        self.tensors[result] = TensorFormat("bool", Format(1, 0), 1.0)
        return result

    def _node(self, operator: str, result: str) -> str:
        taken = [self.draw.choice(self.values[-6:])]
        if operator in BINARY:
            taken.append(self._operand(result))
            self.draw.shuffle(taken)
        elif operator == "Where":
            taken = [self._truth(result), *taken, self._operand(result)]
        near = self.tensors[taken[-1]].format.frac
        if operator == "Mul":
            near = self._factor(f"n {result}", taken)
        if operator == "Pow":
            self.constants[f"{result} exponent"] = np.float32(self.draw.choice(EXPONENTS))
            taken.append(f"{result} exponent")
        self.nodes.append(helper.make_node(operator, taken, [result], name=f"n {result}"))
        return self._data(result, self._format(None if operator in FUNCTIONS else near))

    def _factor(self, node: str, taken: list[str]) -> int:
        """Often one operand is rounded; returns the binary point of a result of the usual size."""
        first, second = (self.tensors[name].format for name in taken)
        if self.draw.random() < 0.4:
            place = self.draw.randrange(2)
            before = (first, second)[place]
            bits = self.draw.randint(min(4, before.bits), before.bits)
            self.factors[node] = Factor(place, Format(bits, before.frac - (before.bits - bits)))
        return first.frac + second.frac - max(first.bits, second.bits)


def random_operators(seed: int, count: int) -> RandomNodes:
    """Every operator of OPERATORS in turn, `count` nodes on six inputs."""
    nodes = RandomNodes(seed, 1, 6, chained=False)
    for number in range(count):
        nodes.add(OPERATORS[(seed + number) % len(OPERATORS)])
    return nodes


def random_functions(seed: int, functions: Sequence[str]) -> RandomNodes:
    """One node for each function, on four inputs."""
    nodes = RandomNodes(seed, 1, 4, chained=False)
    for function in functions:
        nodes.add(function)
    return nodes
