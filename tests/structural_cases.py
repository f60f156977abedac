"""Structural operators, reductions and linear maps on jets, as data for power series, JAX and reverse sweeps.

Operands: u, v [N, 4]; s [N, 2, 2] of the entries of u; signal [N, 2, 6] of the entries of u, v and u.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx

from tests.models import node

GENERATOR = np.random.default_rng(5)

CONSTANTS = {
    "to_square": np.array([-1, 2, 2]),
    "to_signal": np.array([-1, 2, 6]),
    "to_row": np.array([0, -1]),
}


@dataclass(frozen=True, slots=True)
class Case:
    """Nodes from u, v, s and signal to `r` [N, …] with `width` numbers in a row."""

    label: str
    nodes: tuple[onnx.NodeProto, ...]
    width: int
    weights: dict[str, Any] = field(default_factory=dict)

    @property
    def single(self) -> bool:
        """Whether the case is one of float32 as well."""
        return not any(each.op_type == "Cast" for each in self.nodes)

    def all_nodes(self) -> list[onnx.NodeProto]:
        """From u and v to y [N, width]."""
        return [
            node("Reshape", ["u", "to_square"], "s"),
            node("Concat", ["u", "v", "u"], "uvu", axis=1),
            node("Reshape", ["uvu", "to_signal"], "signal"),
            *self.nodes,
            node("Reshape", ["r", "to_row"], "y"),
        ]

    def all_weights(self) -> dict[str, Any]:
        return CONSTANTS | self.weights


def one(
    operator: str, operands: Sequence[str], width: int, weights: dict[str, Any] | None = None, **attributes: Any
) -> Case:
    """A case of one node."""
    label = "-".join([operator, *(f"{name}={value}" for name, value in attributes.items())])
    return Case(label, (node(operator, operands, "r", **attributes),), width, weights or {})


def reductions() -> list[Case]:
    listed = []
    names = ["Sum", "Mean", "L1", "L2", "SumSquare", "LogSumExp", "Max", "Min", "Prod"]
    for operator in [f"Reduce{name}" for name in names]:
        listed.append(one(operator, ["s", "axes"], 2, {"axes": np.array([1])}, keepdims=0))
        listed.append(one(operator, ["s", "axes"], 2, {"axes": np.array([-1])}))
    listed.append(one("ReduceProd", ["signal", "axes"], 2, {"axes": np.array([2])}))
    positive = (node("Exp", ["s"], "e"), node("ReduceLogSum", ["e", "axes"], "r"))
    listed.append(Case("ReduceLogSum", positive, 2, {"axes": np.array([2])}))
    return listed


def einsums() -> list[Case]:
    normal = GENERATOR.normal
    three = {"a": normal(size=(2, 3, 2)), "b": normal(size=(2, 2, 3)), "c": normal(size=(3, 2))}
    return [
        one("Einsum", ["u", "w"], 3, {"w": normal(size=(4, 3))}, equation="ni,ij->nj"),
        one("Einsum", ["u", "w"], 3, {"w": normal(size=(3, 4))}, equation="ni,ji->nj"),
        one("Einsum", ["s", "w"], 6, {"w": normal(size=(2, 3))}, equation="nij,jk->nki"),
        one("Einsum", ["u", "v"], 1, equation="ni,ni->n"),
        one("Einsum", ["u", "v"], 16, equation="ni,nj->nij"),
        one("Einsum", ["s", "s"], 4, equation="nij,njk->nik"),
        one("Einsum", ["s", "s"], 2, equation="nij,njk->nk"),
        one("Einsum", ["s"], 4, equation="nij->nji"),
        one("Einsum", ["s"], 1, equation="nij->n"),
        one("Einsum", ["s"], 2, equation="nii->ni"),
        one("Einsum", ["s", "w"], 1, {"w": normal(size=(2, 2))}, equation="nii,jj->n"),
        one("Einsum", ["s", "a", "b"], 9, three, equation="nab,aic,cbj->nij"),
        one("Einsum", ["s", "a", "b", "c"], 2, three, equation="nab,aic,cbj,ik->nk"),
        one("Einsum", ["u", "v", "w"], 4, {"w": normal(size=(4, 4, 4))}, equation="ni,nj,ijk->nk"),
    ]


def convolutions() -> list[Case]:
    normal = GENERATOR.normal
    bias, small, wide = {"b": normal(size=4)}, normal(size=(2, 1, 2)), normal(size=(2, 2, 2))
    return [
        one("Conv", ["signal", "w"], 12, {"w": normal(size=(3, 2, 3))}, kernel_shape=[3]),
        one("Conv", ["signal", "w"], 18, {"w": normal(size=(3, 2, 3))}, kernel_shape=[3], pads=[1, 1]),
        one("Conv", ["signal", "w"], 18, {"w": normal(size=(3, 2, 4))}, auto_pad="SAME_UPPER"),
        one("Conv", ["signal", "w", "b"], 12, {"w": normal(size=(4, 1, 3))} | bias, group=2, strides=[2], pads=[1, 1]),
        one("Conv", ["signal", "w", "b"], 12, {"w": normal(size=(4, 2, 2))} | bias, dilations=[3], strides=[1]),
        one("Conv", ["signal", "w"], 6, {"w": small}, group=2, dilations=[2], strides=[3], pads=[1, 2]),
        one("ConvTranspose", ["signal", "w"], 24, {"w": normal(size=(2, 3, 3))}),
        one("ConvTranspose", ["signal", "w"], 24, {"w": wide}, strides=[2], pads=[1, 0], output_padding=[1]),
        one("ConvTranspose", ["signal", "w", "b"], 40, {"w": normal(size=(2, 2, 3))} | bias, group=2, dilations=[2]),
    ]


def others() -> list[Case]:
    scale, shift = {"scale": np.array([1.0, -2.0, 0.5, 3.0])}, {"shift": np.array([0.5, 0.0, -1.0, 2.0])}
    statistics = {"m": np.array([0.1, -0.2]), "var": np.array([0.5, 2.0]), "s2": np.array([1.5, -1.0])}
    statistics["b2"] = np.array([0.3, 0.7])
    halves = (node("Split", ["u"], "first", "second", axis=1, num_outputs=2), node("Mul", ["first", "second"], "r"))
    thirds = (
        node("Split", ["signal"], "a", "b", "c", axis=2, num_outputs=3),
        node("Concat", ["c", "a", "b"], "r", axis=1),
    )
    lengths = (node("Split", ["u", "lengths"], "a", "b", axis=1), node("Concat", ["b", "a", "b"], "r", axis=1))
    normalized = (
        node("LayerNormalization", ["u", "scale"], "n", "mean", "inverse", epsilon=1e-3),
        node("Cast", ["mean"], "mean64", to=onnx.TensorProto.DOUBLE),  # they are float32 whatever u is
        node("Cast", ["inverse"], "inverse64", to=onnx.TensorProto.DOUBLE),
        node("Concat", ["n", "mean64", "inverse64"], "r", axis=1),
    )
    return [
        one("Softmax", ["u"], 4),
        one("Softmax", ["s"], 4, axis=1),
        one("LogSoftmax", ["u"], 4),
        one("LogSoftmax", ["s"], 4, axis=-2),
        one("LayerNormalization", ["u", "scale", "shift"], 4, scale | shift),
        one("LayerNormalization", ["s", "w"], 4, {"w": GENERATOR.normal(size=(2, 2))}, axis=1, epsilon=0.1),
        Case("LayerNormalization-with-statistics", normalized, 6, scale),
        one("BatchNormalization", ["s", "s2", "b2", "m", "var"], 4, statistics),
        one("Dropout", ["u"], 4),
        Case("Split-halves", halves, 2),
        Case("Split-thirds", thirds, 12),
        Case("Split-lengths", lengths, 7, {"lengths": np.array([1, 3])}),
        one("Flatten", ["s"], 4),
        one("Tile", ["s", "repeats"], 24, {"repeats": np.array([1, 3, 2])}),
        one("Unsqueeze", ["u", "axes"], 4, {"axes": np.array([-1, 1])}),
        one("Pad", ["s", "pads"], 9, {"pads": np.array([0, 1, 0, 0, 0, 1])}),
        one("Gather", ["u", "places"], 3, {"places": np.array([3, 0, -1])}, axis=1),
    ]


CASES = [*reductions(), *einsums(), *convolutions(), *others()]
