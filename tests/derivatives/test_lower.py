"""Composite operators are replaced by simple ones; names and values stay."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import helper

from inrarch.derivatives.lower import lower
from inrarch.errors import UserError
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.save import to_proto
from inrarch.graph.shapes import dims_of
from inrarch.ops import operators
from tests.models import build_model, node, siren
from tests.structural_cases import CASES, Case


def check_same_values(model: Any, inputs: dict[str, list[Any]], tolerance: float = 1e-12) -> Any:
    loaded = load_model(model)
    lowered = lower(loaded)
    feeds = {
        name: np.random.default_rng(1).uniform(-1, 1, [3 if size == "N" else size for size in shape])
        for name, shape in inputs.items()
    }
    expected, found = evaluate(loaded, feeds), evaluate(lowered, feeds)
    assert list(found) == list(expected)
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=tolerance, atol=tolerance)
    for each in lowered.graph:
        assert operators()[each.op_type].decompose is None
        assert len(each.outputs) == 1
    return lowered


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_the_decomposition_has_the_same_values(case: Case) -> None:
    inputs = {"u": ["N", 4], "v": ["N", 4]}
    model = build_model(case.all_nodes(), inputs, {"y": ["N", case.width]}, case.all_weights(), dtype=np.float64)
    lowered = check_same_values(model, inputs)
    # the shapes that are written are those of the values
    feeds = {name: np.ones((3, 4)) for name in inputs}
    values = evaluate(lowered, feeds, wanted=[each.outputs[0].name for each in lowered.graph])
    for name, array in values.items():
        dims = next(dims_of(each.outputs[0]) for each in lowered.graph if each.outputs[0].name == name)
        assert dims is not None
        assert len(dims) == array.ndim
        assert all(size == found for size, found in zip(dims, array.shape, strict=True) if isinstance(size, int)), name


@pytest.mark.parametrize(
    "case", [each for each in CASES if each.label != "LayerNormalization-with-statistics"], ids=lambda case: case.label
)
def test_the_decomposition_runs_in_onnxruntime(case: Case) -> None:
    inputs = {"u": ["N", 4], "v": ["N", 4]}
    model = build_model(case.all_nodes(), inputs, {"y": ["N", case.width]}, case.all_weights())
    feeds = {name: np.random.default_rng(1).uniform(-1, 1, (3, 4)).astype(np.float32) for name in inputs}
    lowered = to_proto(lower(load_model(model)))
    session = onnxruntime.InferenceSession(lowered.SerializeToString(), providers=["CPUExecutionProvider"])
    expected = evaluate(load_model(model), feeds)["y"]
    np.testing.assert_allclose(session.run(None, feeds)[0], expected, rtol=1e-4, atol=1e-5)


def test_a_model_of_simple_operators_is_given_back() -> None:
    model = load_model(siren((2, 8, 1)))
    assert lower(model) is model


def test_names_of_values_and_weights_stay() -> None:
    nodes = [
        node("Split", ["x"], "left", "right", axis=1, num_outputs=2),
        node("Softmax", ["left"], "soft"),
        node("Mul", ["soft", "right"], "product"),
        node("Mul", ["product", "w"], "y"),
    ]
    model = load_model(build_model(nodes, {"x": ["N", 4]}, {"y": ["N", 2]}, {"w": np.ones(2)}))
    lowered = lower(model)
    assert [value.name for value in lowered.graph.inputs] == ["x"]
    assert [value.name for value in lowered.graph.outputs] == ["y"]
    assert lowered.graph.initializers["w"].const_value is model.graph.initializers["w"].const_value
    assert {each.name for each in lowered.graph} >= {"Mul_product", "Mul_y"}
    assert any(each.name.startswith("Softmax_soft/") for each in lowered.graph)


def test_parts_that_nothing_uses_are_not_written() -> None:
    nodes = [node("Split", ["x"], "left", "right", axis=1, num_outputs=2), node("Sin", ["right"], "y")]
    lowered = lower(load_model(build_model(nodes, {"x": ["N", 4]}, {"y": ["N", 2]})))
    assert [each.op_type for each in lowered.graph] == ["Slice", "Sin"]


def test_a_result_that_is_left_out_is_not_missed() -> None:
    nodes = [
        helper.make_node("LayerNormalization", ["x", "w"], ["n", "", "inverse"], name="layer"),
        node("Mul", ["n", "inverse"], "y"),
    ]
    lowered = check_same_values(
        build_model(nodes, {"x": ["N", 4]}, {"y": ["N", 4]}, {"w": np.ones(4)}), {"x": ["N", 4]}, tolerance=1e-9
    )  # the small constant is rounded to float32
    assert lowered.graph.outputs[0].name == "y"


def test_outputs_of_composite_operators_keep_their_names() -> None:
    """Also where a result is an operand (Dropout), or one value twice."""
    nodes = [
        node("Dropout", ["x"], "y", "mask"),
        node("Split", ["x"], "left", "right", axis=1, num_outputs=2),
        node("Split", ["x"], "again", "other", axis=1, num_outputs=2),
    ]
    outputs = {"y": ["N", 4], "left": ["N", 2], "again": ["N", 2]}
    lowered = check_same_values(build_model(nodes, {"x": ["N", 4]}, outputs), {"x": ["N", 4]})
    assert [value.name for value in lowered.graph.outputs] == ["y", "left", "again"]


def test_a_tile_of_a_computed_number_of_rows() -> None:
    """`z.repeat(len(x), 1)` as PyTorch exports it."""
    nodes = [
        node("Shape", ["x"], "rows", start=0, end=1),
        node("Concat", ["rows", "one"], "repeats", axis=0),
        node("Tile", ["z", "repeats"], "tiled"),
        node("Mul", ["tiled", "x"], "y"),
    ]
    weights = {"z": np.array([[1.0, 2.0]]), "one": np.array([1])}
    check_same_values(build_model(nodes, {"x": ["N", 2]}, {"y": ["N", 2]}, weights), {"x": ["N", 2]})


def refusal(nodes: list[Any], inputs: dict[str, Any], output: list[Any], weights: dict[str, Any] | None = None) -> str:
    with pytest.raises(UserError) as caught:
        lower(load_model(build_model(nodes, inputs, {"y": output}, weights)))
    return str(caught.value)


def test_a_split_of_an_unknown_size_is_refused() -> None:
    nodes = [node("Split", ["x"], "y", "rest", axis=0, num_outputs=2)]
    assert refusal(nodes, {"x": ["N", 2]}, ["M", 2]) == (
        "node 'Split_y': Split cannot be differentiated here: the size of axis 0 is not known; "
        "expected a known size, or lengths"
    )


def test_a_flatten_of_several_unknown_sizes_is_refused() -> None:
    nodes = [node("Flatten", ["x"], "y", axis=2)]
    assert refusal(nodes, {"x": ["N", "M", "K", "L"]}, ["A", "B"]) == (
        "node 'Flatten_y': Flatten cannot be differentiated here: several sizes are not known; "
        "expected one unknown size"
    )


def test_an_einsum_of_several_unknown_sizes_in_one_product_is_refused() -> None:
    nodes = [node("Einsum", ["x", "w"], "y", equation="abi,ij->abj")]
    assert refusal(nodes, {"x": ["N", "M", 2]}, ["N", "M", 3], {"w": np.ones((2, 3))}) == (
        "node 'Einsum_y': Einsum cannot be differentiated here: several sizes are not known; "
        "expected one unknown size, that of the batch"
    )


def test_training_is_refused() -> None:
    weights = {"ratio": np.array(0.5), "training": np.array(True)}
    assert refusal([node("Dropout", ["x", "ratio", "training"], "y")], {"x": ["N", 2]}, ["N", 2], weights) == (
        "node 'Dropout_y': Dropout cannot be differentiated here: it drops entries at random; "
        "expected a model exported for inference"
    )
