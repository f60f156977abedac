"""What a rule cannot serve is refused with the node, the operator, the reason, and what would help."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import TensorProto

import inrarch
from inrarch.errors import UserError
from tests.models import build_model, node

NUMBERS = {
    "flat": np.array([-1]),
    "kernel": np.ones((2, 3, 2)),
    "ones": np.ones(3),
    "one": np.array([1]),
    "places": np.array([[0], [1]]),
}


def cast(name: str) -> Any:
    """Integers that are computed from an input."""
    return node("Cast", ["k"], name, to=TensorProto.INT64)


CASES: list[tuple[str, list[Any], dict[str, Any], str, str]] = [
    (
        "reduction, axes",
        [cast("axes"), node("ReduceSum", ["x", "axes"], "y")],
        {"x": ["N", 4], "k": [1]},
        "jvp",
        "node 'ReduceSum_y': ReduceSum cannot be differentiated here: its axes are computed; expected constant axes",
    ),
    (
        "squeeze, axes",
        [cast("axes"), node("Squeeze", ["x", "axes"], "y")],
        {"x": ["N", 4, 1], "k": [1]},
        "jvp",
        "node 'Squeeze_y': Squeeze cannot be differentiated here: its axes are computed; expected constant axes",
    ),
    (
        "squeeze, all axes",
        [node("Squeeze", ["x"], "y")],
        {"x": ["N", 4, 1]},
        "jvp",
        "node 'Squeeze_y': Squeeze cannot be differentiated here: it lists no axes, and not all sizes are known; "
        "expected constant axes",
    ),
    (
        "unsqueeze, axes",
        [cast("axes"), node("Unsqueeze", ["x", "axes"], "y")],
        {"x": ["N", 4], "k": [1]},
        "jvp",
        "node 'Unsqueeze_y': Unsqueeze cannot be differentiated here: its axes are computed; expected constant axes",
    ),
    (
        "pad, pads",
        [cast("pads"), node("Pad", ["x", "pads"], "y")],
        {"x": ["N", 4], "k": [4]},
        "jvp",
        "node 'Pad_y': Pad cannot be differentiated here: its pads are computed; expected constant pads",
    ),
    (
        "split, lengths",
        [cast("lengths"), node("Split", ["x", "lengths"], "a", "b", axis=1), node("Sin", ["a"], "y")],
        {"x": ["N", 4], "k": [2]},
        "jvp",
        "node 'Split_a': Split cannot be differentiated here: the lengths of its parts are computed; "
        "expected constant lengths",
    ),
    (
        "slice, bounds",
        [cast("start"), node("Slice", ["x", "start", "one"], "y")],
        {"x": ["N", 4], "k": [1]},
        "vjp",
        "node 'Slice_y': Slice cannot be differentiated here: its bounds are computed; expected constant bounds",
    ),
    (
        "product, size",
        [node("ReduceProd", ["x", "one"], "y")],
        {"x": [4, "M"]},
        "jvp",
        "node 'ReduceProd_y': ReduceProd cannot be differentiated here: the size of a reduced axis is not known; "
        "expected known sizes of the reduced axes",
    ),
    (
        "gather, batch",
        [node("GatherND", ["x", "places"], "y", batch_dims=1)],
        {"x": [2, 4]},
        "vjp",
        "node 'GatherND_y': GatherND cannot be differentiated here: it has batch_dims; expected batch_dims 0",
    ),
    (
        "diagonal, size",
        [node("Einsum", ["x"], "y", equation="ii->i")],
        {"x": ["N", "N"]},
        "jvp",
        "node 'Einsum_y': Einsum cannot be differentiated here: the size of the diagonal 'i' is not known; "
        "expected known sizes",
    ),
    (
        "normalization, training",
        [node("BatchNormalization", ["x", "ones", "ones", "ones", "ones"], "y", "mean", "variance", training_mode=1)],
        {"x": ["N", 3]},
        "jvp",
        "node 'BatchNormalization_y': BatchNormalization cannot be differentiated here: "
        "it computes statistics of a batch; expected a model exported for inference",
    ),
    (
        "convolution, length",
        [node("Conv", ["x", "kernel"], "y")],
        {"x": ["N", 3, "L"]},
        "vjp",
        "node 'Conv_y': Conv cannot be differentiated here: the sizes of 'x' are not known; "
        "expected known sizes of the spatial axes",
    ),
    (
        "sum, rank",
        [cast("shape"), node("Reshape", ["x", "shape"], "r"), node("ReduceSum", ["r", "one"], "y")],
        {"x": ["N", 4], "k": ["R"]},
        "jvp",
        "node 'ReduceSum_y': ReduceSum cannot be differentiated here: the rank of 'r' is not known; "
        "expected a model whose shapes can be inferred",
    ),
]


@pytest.mark.parametrize(("nodes", "inputs", "by", "text"), [pytest.param(*case, id=name) for name, *case in CASES])
def test_a_refusal_says_what_would_help(nodes: list[Any], inputs: dict[str, Any], by: str, text: str) -> None:
    nodes = [*nodes, node("Reshape", ["y", "flat"], "z")]
    weights = {name: array for name, array in NUMBERS.items() if any(name in each.input for each in nodes)}
    model = build_model(nodes, inputs, {"z": ["Z"]}, weights)
    with pytest.raises(UserError) as caught:
        inrarch.derive(model, parameters="x", by=by)
    assert str(caught.value) == text
