"""Networks that are no chain of layers: skip connections by Concat, gates, norms, convolutions, computed products."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx

from tests.dataflow.networks import node
from tests.models import build_model

_NUMBERS = np.random.default_rng(11)


def _weights(**shapes: tuple[int, ...]) -> dict[str, np.ndarray]:
    return {name: _NUMBERS.normal(size=shape) / max(shape[0] / 4, 1) for name, shape in shapes.items()}


def _model(nodes: list[onnx.NodeProto], features: int, output: list[Any], **constants: np.ndarray) -> onnx.ModelProto:
    return build_model(nodes, {"x": ["N", features]}, {"y": ["N", *output]}, constants)


def concatenated_skip() -> onnx.ModelProto:
    """A signed distance with the coordinates joined in again, in front of a nonlinearity."""
    return _model(
        [
            node("Gemm", ["x", "w0", "b0"], "h0"),
            node("Softplus", ["h0"], "a0"),
            node("Concat", ["a0", "x"], "joined", axis=1),
            node("Sin", ["joined"], "s"),
            node("Gemm", ["s", "w1", "b1"], "h1"),
            node("Softplus", ["h1"], "a1"),
            node("Gemm", ["a1", "w2", "b2"], "y"),
        ],
        2,
        [1],
        **_weights(w0=(2, 6), b0=(6,), w1=(8, 8), b1=(8,), w2=(8, 1), b2=(1,)),
    )


def gated() -> onnx.ModelProto:
    """Half of the features gates the other half; the halves are joined in the other order."""
    return _model(
        [
            node("Gemm", ["x", "w0", "b0"], "h0"),
            node("Split", ["h0"], "left", axis=1, num_outputs=2),
            node("Slice", ["h0", "four", "eight", "one"], "right"),
            node("Sigmoid", ["right"], "gate"),
            node("Mul", ["left", "gate"], "g"),
            node("Concat", ["g", "left"], "joined", axis=1),
            node("Tanh", ["joined"], "t"),
            node("Gemm", ["t", "w1", "b1"], "y"),
        ],
        2,
        [1],
        four=np.array([4]),
        eight=np.array([8]),
        one=np.array([1]),
        **_weights(w0=(2, 8), b0=(8,), w1=(8, 1), b1=(1,)),
    )


def normalized() -> onnx.ModelProto:
    """Features minus their mean, times a function of their mean square."""
    return _model(
        [
            node("Gemm", ["x", "w0", "b0"], "h0"),
            node("ReduceMean", ["h0", "last"], "mean", keepdims=1),
            node("Sub", ["h0", "mean"], "centred"),
            node("ReduceSumSquare", ["centred", "last"], "square", keepdims=1),
            node("Sigmoid", ["square"], "scale"),
            node("Mul", ["centred", "scale"], "n"),
            node("Tanh", ["n"], "t"),
            node("Gemm", ["t", "w1", "b1"], "y"),
        ],
        2,
        [1],
        last=np.array([-1]),
        **_weights(w0=(2, 8), b0=(8,), w1=(8, 1), b1=(1,)),
    )


def layer_norm() -> onnx.ModelProto:
    """A layer normalization between two layers."""
    return _model(
        [
            node("Gemm", ["x", "w0", "b0"], "h0"),
            node("LayerNormalization", ["h0", "scale", "shift"], "n", axis=-1, epsilon=0.1),
            node("Tanh", ["n"], "t"),
            node("Gemm", ["t", "w1", "b1"], "y"),
        ],
        2,
        [1],
        **_weights(w0=(2, 8), b0=(8,), scale=(8,), shift=(8,), w1=(8, 1), b1=(1,)),
    )


def bilinear() -> onnx.ModelProto:
    """A product of two computed matrices per row, and its trace with a third."""
    return _model(
        [
            node("Gemm", ["x", "w0", "b0"], "h0"),
            node("Sin", ["h0"], "s"),
            node("Reshape", ["s", "left"], "a"),
            node("Gemm", ["x", "v0", "b1"], "h1"),
            node("Tanh", ["h1"], "t"),
            node("Reshape", ["t", "right"], "b"),
            node("MatMul", ["a", "b"], "c"),
            node("Reshape", ["c", "flat"], "f"),
            node("Gemm", ["f", "w1", "b2"], "y"),
        ],
        2,
        [1],
        left=np.array([0, 2, 3]),
        right=np.array([0, 3, 2]),
        flat=np.array([0, 4]),
        **_weights(w0=(2, 6), b0=(6,), v0=(2, 6), b1=(6,), w1=(4, 1), b2=(1,)),
    )


def convolution() -> onnx.ModelProto:
    """A convolution with padding along an inner axis."""
    return _model(
        [
            node("Gemm", ["x", "w0", "b0"], "h0"),
            node("Reshape", ["h0", "planes"], "p"),
            node("Conv", ["p", "kernel", "bias"], "c", pads=[1, 1]),
            node("Sin", ["c"], "s"),
            node("Flatten", ["s"], "f", axis=1),
            node("Gemm", ["f", "w1", "b1"], "y"),
        ],
        2,
        [1],
        planes=np.array([0, 2, 6]),
        **_weights(w0=(2, 12), b0=(12,), kernel=(3, 2, 3), bias=(3,), w1=(18, 1), b1=(1,)),
    )


def attention() -> onnx.ModelProto:
    """Weights of a softmax over an inner axis, broadcast over features and summed."""
    return _model(
        [
            node("Gemm", ["x", "w0", "b0"], "h0"),
            node("Reshape", ["h0", "heads"], "p"),
            node("ReduceSum", ["p", "last"], "score", keepdims=1),
            node("Softmax", ["score"], "weight", axis=1),
            node("Mul", ["p", "weight"], "m"),
            node("ReduceSum", ["m", "one"], "s", keepdims=0),
            node("Sin", ["s"], "t"),
            node("Gemm", ["t", "w1", "b1"], "y"),
        ],
        2,
        [1],
        heads=np.array([0, 3, 4]),
        last=np.array([-1]),
        one=np.array([1]),
        **_weights(w0=(2, 12), b0=(12,), w1=(4, 1), b1=(1,)),
    )


def rows_of_two_axes() -> onnx.ModelProto:
    """Inputs [N, P, coordinates]: both axes are rows."""
    nodes = [
        node("MatMul", ["x", "w0"], "h0"),
        node("Sin", ["h0"], "a0"),
        node("Concat", ["a0", "x"], "joined", axis=-1),
        node("Tanh", ["joined"], "t"),
        node("MatMul", ["t", "w1"], "y"),
    ]
    weights = _weights(w0=(3, 5), w1=(8, 2))
    return build_model(nodes, {"x": ["N", "P", 3]}, {"y": ["N", "P", 2]}, weights)
