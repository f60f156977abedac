"""Small networks of the architectures that neural fields have, written node by node; `x` [N, d] to `y` [N, 1]."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import helper

from tests.models import build_model

WIDTH = 16


class Network:
    """A model under construction; every method returns the name of its result."""

    def __init__(self, coordinates: int) -> None:
        self.coordinates = coordinates
        self.random = np.random.default_rng(0)
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, Any] = {}

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], name=f"{operator}_{name}", **attributes))
        return name

    def weight(self, array: Any) -> str:
        name = f"w{len(self.weights)}"
        self.weights[name] = np.asarray(array)
        return name

    def linear(self, value: str, fan_in: int, fan_out: int = WIDTH) -> str:
        matrix = self.weight(self.random.normal(size=(fan_in, fan_out)) / np.sqrt(fan_in))
        return self.node("Gemm", value, matrix, self.weight(self.random.normal(size=fan_out)))

    def layer(self, activation: str, value: str, fan_in: int = WIDTH) -> str:
        return self.node(activation, self.linear(value, fan_in))

    def finish(self, value: str, dtype: type = np.float64) -> onnx.ModelProto:
        self.linear(value, WIDTH, 1)
        self.nodes[-1].output[0] = "y"
        inputs, outputs = {"x": ["N", self.coordinates]}, {"y": ["N", 1]}
        return build_model(self.nodes, inputs, outputs, self.weights, dtype=dtype)


def skip_connection(d: int) -> onnx.ModelProto:
    """DeepSDF: coordinates joined to the features of a layer in the middle."""
    network = Network(d)
    value = network.layer("Softplus", network.layer("Softplus", "x", d))
    joined = network.node("Concat", value, "x", axis=1)
    return network.finish(network.layer("Softplus", joined, WIDTH + d))


def fourier_features(d: int) -> onnx.ModelProto:
    """sin and cos of random projections, joined."""
    network = Network(d)
    angle = network.node("MatMul", "x", network.weight(network.random.normal(size=(d, WIDTH // 2))))
    joined = network.node("Concat", network.node("Sin", angle), network.node("Cos", angle), axis=1)
    return network.finish(network.layer("Tanh", network.layer("Tanh", joined)))


def multiplicative(d: int) -> onnx.ModelProto:
    """Fourier MFN: linear layers, each multiplied with a sine of the coordinates."""
    network = Network(d)
    value = network.layer("Sin", "x", d)
    for _ in range(3):
        value = network.node("Mul", network.linear(value, WIDTH), network.layer("Sin", "x", d))
    return network.finish(value)


def modified(d: int) -> onnx.ModelProto:
    """Modified MLP: layers choose between two encoders of the coordinates."""
    network = Network(d)
    u, v, value = (network.layer("Tanh", "x", d) for _ in range(3))
    for _ in range(2):
        gate = network.layer("Tanh", value)
        rest = network.node("Sub", network.weight(1.0), gate)
        value = network.node("Add", network.node("Mul", rest, u), network.node("Mul", gate, v))
    return network.finish(value)


def residual(d: int) -> onnx.ModelProto:
    """ResNet: layers that are added to what they read."""
    network = Network(d)
    value = network.layer("Tanh", "x", d)
    for _ in range(2):
        inner = network.layer("Tanh", value)
        value = network.node("Add", value, network.node("Tanh", network.linear(inner, WIDTH)))
    return network.finish(value)


def weight_normalised(d: int) -> onnx.ModelProto:
    """Weights as length times direction, as exporters leave them: computed from constants in the graph."""
    network = Network(d)
    value, fan_in = "x", d
    for _ in range(3):
        direction = network.weight(network.random.normal(size=(WIDTH, fan_in)))
        squares = network.node("ReduceSum", network.node("Mul", direction, direction), network.weight(np.array([1])))
        inverse = network.node("Div", network.weight(network.random.uniform(1, 2, (WIDTH, 1))), squares)
        matrix = network.node("Transpose", network.node("Mul", direction, inverse), perm=[1, 0])
        product = network.node("MatMul", value, matrix)
        value = network.node("Sin", network.node("Add", product, network.weight(network.random.normal(size=WIDTH))))
        fan_in = WIDTH
    return network.finish(value)


def positional_encoding(d: int) -> onnx.ModelProto:
    """NeRF: coordinates joined to sines and cosines of rising frequency, which come back in the middle."""
    network = Network(d)
    parts = ["x"]
    for octave in range(2):
        angle = network.node("Mul", "x", network.weight(2.0**octave * np.pi))
        parts += [network.node("Sin", angle), network.node("Cos", angle)]
    encoding = network.node("Concat", *parts, axis=1)
    value = network.layer("Softplus", encoding, 5 * d)
    joined = network.node("Concat", value, encoding, axis=1)
    return network.finish(network.layer("Softplus", joined, WIDTH + 5 * d))
