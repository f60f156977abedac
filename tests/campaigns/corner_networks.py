"""Random networks at the corners of what hardware takes: odd sizes, zeros, shared and repeated values, kinks, poles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx

from tests.models import Shape, build_model, node

SIZES = (1, 1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 16, 17, 24, 31)
SMOOTH = ("Sin", "Cos", "Tanh", "Sigmoid", "Softplus", "Erf", "Atan", "Swish", "Gelu", "Mish")
KINKED = ("Relu", "LeakyRelu", "Elu", "Abs", "Clip", "HardSwish", "Sign", "Floor")


class Net:
    """Nodes, weights and outputs of a model under construction; features of every value."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, np.ndarray[Any, Any]] = {}
        self.inputs: dict[str, Shape] = {}
        self.outputs: dict[str, Shape] = {}
        self.width: dict[str, int] = {}
        self.middle: list[int | str] = self.choose([[], [], [], [], [1], [3]])
        self.rows: list[int | str] = self.choose([["N"], ["N"], ["N"], ["N", *self.middle], [1, "N"], [4], ["N"]])
        self.dtype: type = self.choose([np.float32, np.float32, np.float64])

    def choose(self, options: Sequence[Any]) -> Any:
        return options[int(self.random.integers(len(options)))]

    def chance(self, probability: float) -> bool:
        return bool(self.random.random() < probability)

    def input(self, name: str, features: int) -> str:
        self.inputs[name] = [*self.rows, features]
        self.width[name] = features
        return name

    def constant(self, array: Any) -> str:
        name = f"c{len(self.weights)}"
        self.weights[name] = np.asarray(array)
        return name

    def add(self, operator: str, operands: Sequence[str], width: int, **attributes: Any) -> str:
        name = f"v{len(self.nodes)}"
        self.nodes.append(node(operator, operands, name, **attributes))
        self.width[name] = width
        return name

    def matrix(self, inputs: int, outputs: int) -> np.ndarray[Any, Any]:
        """Normal; at times with zeros: scattered, whole columns or rows, everywhere; or of very unequal columns."""
        matrix: np.ndarray[Any, Any] = self.random.normal(size=(inputs, outputs)) / np.sqrt(inputs)
        kind = int(self.random.integers(12))
        if kind == 0:
            matrix[self.random.random(matrix.shape) < 0.8] = 0
        elif kind == 1:
            matrix[:, self.random.random(outputs) < 0.4] = 0
        elif kind == 2:
            matrix[self.random.random(inputs) < 0.4] = 0
        elif kind == 3 and self.chance(0.3):
            matrix[:] = 0
        elif kind == 4:
            matrix *= 10.0 ** self.random.uniform(-3, 0, outputs)
        elif kind == 5:
            matrix = np.round(matrix * 2) / 2
        return matrix

    def layer(self, value: str, outputs: int, weight: str | None = None) -> str:
        weight = weight or self.constant(self.matrix(self.width[value], outputs))
        bias = self.constant(self.random.normal(size=outputs) / 2 * self.choose([1, 1, 0]))
        if len(self.rows) == 1 and self.chance(0.6):
            return self.add("Gemm", [value, weight, bias], outputs)
        product = self.add("MatMul", [value, weight], outputs)
        return self.add("Add", [product, bias], outputs) if self.chance(0.7) else product

    def activation(self, value: str, names: Sequence[str] = SMOOTH) -> str:
        name, width = self.choose(names), self.width[value]
        if name in ("Swish",):
            return self.add("Mul", [value, self.add("Sigmoid", [value], width)], width)
        if name == "Gelu":
            scaled = self.add("Mul", [value, self.constant(0.70710678)], width)
            more = self.add("Add", [self.add("Erf", [scaled], width), self.constant(1.0)], width)
            return self.add("Mul", [value, more], width)
        if name == "Clip":
            return self.add("Clip", [value, self.constant(-0.5), self.constant(0.6)], width)
        return self.add(name, [value], width)

    def output(self, value: str) -> None:
        name = f"y{len(self.outputs)}" if self.outputs else "y"
        self.nodes.append(node("Identity", [value], name))
        self.outputs[name] = [*self.rows, self.width[value]]

    def model(self) -> onnx.ModelProto:
        return build_model(self.nodes, self.inputs, self.outputs, self.weights, dtype=self.dtype)


def _input(net: Net) -> str:
    return net.input("x", net.choose([1, 2, 2, 2, 3, 3, 5]))


def chain(net: Net) -> None:
    """Layers of odd widths, deep or wide, with shared weights where they fit."""
    value, shared = _input(net), {}
    activations = net.choose([SMOOTH, SMOOTH, SMOOTH, KINKED])
    for _ in range(net.choose([1, 2, 2, 3, 7])):
        size = net.choose(SIZES)
        key = (net.width[value], size)
        if key not in shared or net.chance(0.5):
            shared[key] = net.constant(net.matrix(*key))
        value = net.activation(net.layer(value, size, shared[key]), activations)
    net.output(net.layer(value, net.choose([1, 1, 2, 3])))


def wide(net: Net) -> None:
    """One wide layer of a prime number of features."""
    value = net.activation(net.layer(_input(net), net.choose([67, 101, 259, 300])))
    net.output(net.layer(value, net.choose([1, 2, 3])) if net.chance(0.8) else value)


def residual(net: Net) -> None:
    """Skip connections at several levels: sums, products and joins with earlier values."""
    first = _input(net)
    values = [net.activation(net.layer(first, net.choose([3, 4, 6, 8])))]
    for _ in range(net.choose([1, 2, 3])):
        value = net.activation(net.layer(values[-1], net.width[values[0]]))
        kind = net.choose(["Add", "Mul", "Sub", "Concat", "Concat"])
        other = net.choose([*values, first])
        if kind == "Concat" or net.width[other] != net.width[value]:
            joined = net.add("Concat", [value, other], net.width[value] + net.width[other], axis=-1)
            value = net.layer(joined, net.width[values[0]]) if net.chance(0.7) else net.layer(net.activation(joined), 4)
            value = value if net.width[value] == net.width[values[0]] else net.layer(value, net.width[values[0]])
        else:
            value = net.add(kind, [value, other], net.width[value])
        values.append(value)
    net.output(net.layer(values[-1], 1))
    if net.chance(0.4):
        net.output(net.layer(net.choose(values), net.choose([1, 2, 5])))


def several(net: Net) -> None:
    """Two inputs of different widths, several outputs: the same twice, an input, a constant, of different sizes."""
    x, t = net.input("x", net.choose([1, 2, 3])), net.input("t", net.choose([1, 2]))
    size = net.choose(SIZES)
    value = net.activation(net.add(net.choose(["Add", "Mul"]), [net.layer(x, size), net.layer(t, size)], size))
    net.output(net.layer(value, net.choose([1, 2])))
    for _ in range(net.choose([0, 1, 2])):
        kind = net.choose(["same", "input", "constant", "other", "hidden"])
        if kind == "same":
            net.output(net.nodes[-1].input[0])
        elif kind == "input":
            net.output(net.choose([x, t]))
        elif kind == "constant":
            net.output(
                net.add("Add", [net.add("Mul", [t, net.constant(0.0)], net.width[t]), net.constant(0.3)], net.width[t])
            )
        elif kind == "hidden":
            net.output(value)
        else:
            net.output(net.layer(t, net.choose([1, 3, 4])))


def normed(net: Net) -> None:
    """Softmax or a layer normalization between layers."""
    size = net.choose([2, 3, 5, 8])
    value = net.layer(_input(net), size)
    if net.chance(0.5):
        value = net.add("Softmax", [value], size, axis=-1)
    else:
        scale, shift = (net.constant(net.random.normal(size=size)) for _ in range(2))
        value = net.add(
            "LayerNormalization", [value, scale, shift], size, axis=-1, epsilon=float(net.choose([1e-5, 0.1]))
        )
    net.output(net.layer(net.activation(value) if net.chance(0.5) else value, net.choose([1, 2])))


def divided(net: Net) -> None:
    """A quotient whose divisor comes near 0, or an exponential of a large argument."""
    x = _input(net)
    value = net.layer(x, net.choose([1, 3, 4]))
    width = net.width[value]
    if net.chance(0.4):
        value = net.add(
            "Exp", [net.add("Mul", [value, net.constant(float(net.choose([1.0, 3.0, 6.0])))], width)], width
        )
    else:
        square = net.add("Mul", [value, value], width)
        away = net.constant(float(net.choose([1.0, 0.1, 1e-2, 1e-4])))
        divisor = net.add("Add", [square, away], width)
        kind = net.choose(["Div", "Sqrt", "Log", "Pow", "Root"])
        if kind == "Div":
            value = net.add("Div", [net.layer(x, width), divisor], width)
        elif kind == "Pow":
            value = net.add("Pow", [divisor, net.constant(float(net.choose([-1.5, -0.5, 1.5, 3.0])))], width)
        elif kind == "Root":
            value = net.add("Div", [value, net.add("Sqrt", [divisor], width)], width)
        else:
            value = net.add(kind, [divisor], width)
    net.output(net.layer(value, 1) if net.chance(0.6) else value)


def chosen(net: Net) -> None:
    """Comparisons and choices, of computed and of constant values."""
    size = net.choose([1, 3, 6])
    h, g = net.layer(_input(net), size), net.layer("x", size)
    operator = net.choose(["Greater", "Less", "GreaterOrEqual", "LessOrEqual"])
    held = net.add(operator, [h, net.choose([g, net.constant(0.1)])], size)
    value = net.add("Where", [held, net.activation(h), net.choose([g, net.constant(0.25)])], size)
    if net.chance(0.5):
        value = net.add(net.choose(["Max", "Min"]), [value, g], size)
    net.output(net.layer(value, net.choose([1, 2])))


def products(net: Net) -> None:
    """Two computed matrices per row, multiplied."""
    a, b, c = net.choose([(2, 3, 2), (1, 4, 3), (3, 1, 2), (2, 2, 2)])
    if len(net.rows) > 1:
        net.rows = ["N"]
    x = _input(net)
    left = net.add("Reshape", [net.activation(net.layer(x, a * b)), net.constant(np.array([0, a, b]))], a * b)
    right = net.add("Reshape", [net.layer(x, b * c), net.constant(np.array([0, b, c]))], b * c)
    value = net.add("MatMul", [left, right], a * c)
    if net.chance(0.4):
        value = net.add("Softmax", [value], a * c, axis=-1)
    net.output(net.layer(net.add("Reshape", [value, net.constant(np.array([0, a * c]))], a * c), 1))


def convolved(net: Net) -> None:
    """A convolution along the features of a row, in groups or dilated."""
    channels, length, kernels = net.choose([2, 4]), net.choose([4, 6, 7]), net.choose([2, 4])
    net.rows = ["N"]
    h = net.layer(_input(net), channels * length)
    planes = net.add("Reshape", [h, net.constant(np.array([0, channels, length]))], channels * length)
    group = net.choose([1, 2])
    kernel = net.constant(net.random.normal(size=(kernels, channels // group, 3)) / 2)
    dilation, stride = net.choose([(1, 1), (2, 1), (1, 2)])
    size = (length + 2 - dilation * 2 - 1) // stride + 1
    value = net.add(
        "Conv",
        [planes, kernel],
        kernels * size,
        pads=[1, 1],
        dilations=[dilation],
        strides=[stride],
        group=group,
    )
    value = net.add("Flatten", [net.activation(value)], kernels * size, axis=1)
    net.output(net.layer(value, net.choose([1, 2])))


def gated(net: Net) -> None:
    """Encoded coordinates, slices that gate each other, a reversed order."""
    x = _input(net)
    angle = net.layer(x, net.choose([2, 3, 5]))
    n = net.width[angle]
    value = net.add(
        "Concat", [net.add("Sin", [angle], n), net.add("Cos", [angle], n), x], 2 * n + net.width[x], axis=-1
    )
    h = net.activation(net.layer(value, 6))
    one = net.constant(np.array([-1]))
    cut = [net.constant(np.array([at])) for at in (0, 3, 6)]
    left = net.add("Slice", [h, cut[0], cut[1], one], 3)
    right = net.add("Slice", [h, cut[1], cut[2], one], 3)
    value = net.add("Mul", [left, net.activation(right)], 3)
    if net.chance(0.5):
        order = net.constant(np.array([2, 0, 1, 1]))
        value = net.add("Gather", [value, order], 4, axis=-1)
    net.output(net.layer(value, 1))


KINDS: tuple[Callable[[Net], None], ...] = (
    chain,
    wide,
    residual,
    several,
    normed,
    divided,
    chosen,
    products,
    convolved,
    gated,
)


def corner_network(seed: int) -> onnx.ModelProto:
    """The same network for the same seed; all kinds take turns."""
    net = Net(np.random.default_rng(seed))
    KINDS[seed % len(KINDS)](net)
    return net.model()
