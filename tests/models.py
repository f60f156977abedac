"""Builders of small ONNX models for tests: networks with random weights from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

Weights = dict[str, np.ndarray[Any, Any]]
Shape = Sequence[int | str | None]


def node(operator: str, inputs: Sequence[str], *outputs: str, **attributes: Any) -> onnx.NodeProto:
    """A node that is named after its operator and its first output."""
    return helper.make_node(operator, inputs, outputs, name=f"{operator}_{outputs[0]}", **attributes)


def build_model(
    nodes: Sequence[onnx.NodeProto],
    inputs: dict[str, Shape],
    outputs: dict[str, Shape],
    weights: Weights | None = None,
    *,
    dtype: type = np.float32,
    opset: int = 18,
) -> onnx.ModelProto:
    """A checked model; floating weights are stored as `dtype`, integer ones as they are."""
    element = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    stored = []
    for name, array in (weights or {}).items():
        array = np.asarray(array)
        stored.append(numpy_helper.from_array(array.astype(dtype) if array.dtype.kind == "f" else array, name))
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info(name, element, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, element, shape) for name, shape in outputs.items()],
        stored,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def siren(
    sizes: Sequence[int] = (2, 256, 256, 256, 256, 3),
    *,
    w0: float = 30.0,
    seed: int = 0,
    dtype: type = np.float32,
    batch: int | str = "N",
    gemm: bool = True,
) -> onnx.ModelProto:
    """A SIREN as PyTorch exports it: Gemm (transB) -> Mul(w0) -> Sin per layer, a last Gemm; `x` [N, d] to `y` [N, m].

    The default is the benchmark network 2 -> 256 x 4 -> 3. Initialised as its authors say: first layer uniform in ±1/d,
    others in ±sqrt(6/fan_in)/w0. With `gemm=False` layers are MatMul and Add.
    """
    generator = np.random.default_rng(seed)
    nodes, weights, value = [], {"w0": np.array(w0)}, "x"
    for layer, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        bound = 1 / fan_in if layer == 0 else np.sqrt(6 / fan_in) / w0
        weight = generator.uniform(-bound, bound, (fan_out, fan_in))
        weights[f"net.{layer}.bias"] = generator.uniform(-1, 1, fan_out) / np.sqrt(fan_in)
        last = layer == len(sizes) - 2
        result = "y" if last else f"net.{layer}/linear"
        name = f"net.{layer}/Gemm"
        if gemm:
            weights[f"net.{layer}.weight"] = weight
            operands = [value, f"net.{layer}.weight", f"net.{layer}.bias"]
            nodes.append(helper.make_node("Gemm", operands, [result], name=name, transB=1))
        else:
            weights[f"net.{layer}.weight"] = weight.T
            product = f"net.{layer}/product"
            nodes.append(
                helper.make_node("MatMul", [value, f"net.{layer}.weight"], [product], name=f"net.{layer}/MatMul")
            )
            nodes.append(helper.make_node("Add", [product, f"net.{layer}.bias"], [result], name=f"net.{layer}/Add"))
        if not last:
            nodes.append(helper.make_node("Mul", [result, "w0"], [f"net.{layer}/scaled"], name=f"net.{layer}/Mul"))
            value = f"net.{layer}/sin"
            nodes.append(helper.make_node("Sin", [f"net.{layer}/scaled"], [value], name=f"net.{layer}/Sin"))
    return build_model(nodes, {"x": [batch, sizes[0]]}, {"y": [batch, sizes[-1]]}, weights, dtype=dtype)


def perceptron(
    sizes: Sequence[int], activation: str, *, seed: int = 0, dtype: type = np.float32, batch: int | str = "N"
) -> onnx.ModelProto:
    """Gemm layers with a pointwise ONNX operator between them; `x` [N, d] to `y` [N, m]."""
    generator = np.random.default_rng(seed)
    nodes, weights, value = [], {}, "x"
    for layer, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        weights[f"w{layer}"] = generator.normal(size=(fan_in, fan_out)) / np.sqrt(fan_in)
        weights[f"b{layer}"] = generator.normal(size=fan_out) / 2
        last = layer == len(sizes) - 2
        result = "y" if last else f"h{layer}"
        nodes.append(helper.make_node("Gemm", [value, f"w{layer}", f"b{layer}"], [result], name=f"gemm_{layer}"))
        if not last:
            value = f"a{layer}"
            nodes.append(helper.make_node(activation, [result], [value], name=f"activation_{layer}"))
    return build_model(nodes, {"x": [batch, sizes[0]]}, {"y": [batch, sizes[-1]]}, weights, dtype=dtype)


def gated_skip() -> onnx.ModelProto:
    """y = concat(x, tanh(x W + b) x_0) V: a slice, a product of two computed tensors and a skip connection; 2 to 2."""
    nodes = [
        helper.make_node("Slice", ["x", "zero", "one", "one"], ["u"], name="slice"),
        helper.make_node("Gemm", ["x", "w", "b"], ["h"], name="layer"),
        helper.make_node("Tanh", ["h"], ["t"], name="tanh"),
        helper.make_node("Mul", ["t", "u"], ["p"], name="product"),
        helper.make_node("Concat", ["x", "p"], ["c"], name="skip", axis=1),
        helper.make_node("MatMul", ["c", "v"], ["y"], name="last"),
    ]
    generator = np.random.default_rng(5)
    weights = {
        "zero": np.array([0]),
        "one": np.array([1]),
        "w": generator.normal(size=(2, 8)),
        "b": generator.normal(size=8),
        "v": generator.normal(size=(10, 2)),
    }
    return build_model(nodes, {"x": ["N", 2]}, {"y": ["N", 2]}, weights)
