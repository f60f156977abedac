"""A fixed batch is freed where the model works with any number of rows, and kept where it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper

from inrarch.cli.main import main
from inrarch.derivatives.api import derive
from inrarch.derivatives.batch import free_batch
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.shapes import dims_of
from inrarch.numeric.choose import Widths
from inrarch.numeric.quantize import quantize
from inrarch.numeric.samples import box_samples, chunk_rows
from tests.models import build_model, perceptron, siren

GENERATOR = np.random.default_rng(4)
WEIGHTS = {"w": GENERATOR.normal(size=(2, 8)), "v": GENERATOR.normal(size=(8, 1))}


def layers(batch: int | str, *between: Any, **constants: Any) -> onnx.ModelProto:
    """y = tanh(x w) -> `between`, from `h` to `a` -> v; constants: further weights."""
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["z"], name="first"),
        helper.make_node("Tanh", ["z"], ["h"], name="tanh"),
        *between,
        helper.make_node("MatMul", ["a", "v"], ["y"], name="last"),
    ]
    return build_model(nodes, {"x": [batch, 2]}, {"y": [batch, 1]}, WEIGHTS | constants)


def reshaped(batch: int, *shape: int) -> onnx.ModelProto:
    node = helper.make_node("Reshape", ["h", "shape"], ["a"], name="flatten")
    return layers(batch, node, shape=np.array(shape))


def values(model: onnx.ModelProto, points: np.ndarray[Any, Any]) -> dict[str, Any]:
    return evaluate(load_model(model), {"x": points})


def inputs_of(model: onnx.ModelProto) -> list[Any]:
    return [dims_of(value) for value in load_model(model).graph.inputs]


@pytest.mark.parametrize("batch", [1, 2, 4])
@pytest.mark.parametrize("build", [siren, perceptron])
def test_a_freed_model_equals_the_dynamic_one(build: Any, batch: int) -> None:
    further = ("Relu",) if build is perceptron else ()
    fixed, dynamic = (build((2, 8, 8, 1), *further, batch=size) for size in (batch, "N"))
    freed = derive(fixed, order=2)
    assert inputs_of(freed) == [("batch", 2)]
    assert all(dims_of(value) == ("batch", 1) for value in load_model(freed).graph.outputs)
    points = GENERATOR.normal(size=(7, 2)).astype(np.float32)
    found, expected = values(freed, points), values(derive(dynamic, order=2), points)
    assert list(found) == list(expected)
    for name, array in found.items():
        np.testing.assert_allclose(array, expected[name], rtol=0, atol=1e-12 * max(1.0, np.abs(array).max()))
    session = onnxruntime.InferenceSession(freed.SerializeToString(), providers=["CPUExecutionProvider"])
    for (name, array), single in zip(found.items(), session.run(None, {"x": points}), strict=True):
        np.testing.assert_allclose(single, array, atol=1e-4 * max(1.0, np.abs(array).max()), err_msg=name)


def test_a_reshape_to_any_number_of_rows_is_free() -> None:
    assert inputs_of(derive(reshaped(4, -1, 8), order=1)) == [("batch", 2)]
    assert inputs_of(derive(reshaped(4, 0, 8), order=1)) == [("batch", 2)]


@pytest.mark.parametrize("batch", [1, 4])
def test_a_reshape_to_a_literal_batch_stays_fixed_and_is_derived(batch: int) -> None:
    model = reshaped(batch, batch, 8)
    loaded = load_model(model)
    assert free_batch(loaded, ["x"]) is loaded
    fixed = derive(model, order=1, method="taylor")
    assert inputs_of(fixed) == [(batch, 2)]
    points = GENERATOR.normal(size=(batch, 2))
    free = derive(layers("N", helper.make_node("Identity", ["h"], ["a"])), order=1, method="taylor")
    for name, array in values(fixed, points).items():
        np.testing.assert_allclose(array, values(free, points)[name], atol=1e-12)
    samples = box_samples((-1.0,), (1.0,), 2, 32, 0, corners=True)
    formats = quantize(load_model(fixed), Widths(24, 18, 2), samples, samples)
    assert max(error.max_rel for error in formats.errors.values()) < 1e-3


def test_a_constant_with_a_row_for_each_entry_of_the_batch_stays_fixed() -> None:
    model = layers(4, helper.make_node("Add", ["h", "rows"], ["a"], name="add"), rows=GENERATOR.normal(size=(4, 8)))
    assert inputs_of(derive(model, order=1)) == [(4, 2)]


def test_rows_that_would_change_with_their_number_stay_fixed() -> None:
    # Rows of the batch divided by their number: works for any batch, but is another function for each.
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], name="first"),
        helper.make_node("Shape", ["x"], ["sizes"], name="sizes"),
        helper.make_node("Expand", ["one", "sizes"], ["ones"], name="ones"),
        helper.make_node("Transpose", ["ones"], ["wide"], name="wide", perm=[1, 0]),
        helper.make_node("MatMul", ["wide", "ones"], ["count"], name="count"),
        helper.make_node("MatMul", ["h", "u"], ["g"], name="second"),
        helper.make_node("MatMul", ["g", "count"], ["y"], name="last"),
    ]
    weights = {"w": WEIGHTS["w"], "one": np.array([[1.0]]), "u": GENERATOR.normal(size=(8, 2))}
    model = build_model(nodes, {"x": [4, 2]}, {"y": [4, 2]}, weights)
    assert inputs_of(derive(model, order=1)) == [(4, 2)]


def test_inputs_of_one_batch_are_freed_together_and_others_stay() -> None:
    nodes = [
        helper.make_node("Add", ["x", "t"], ["h"], name="sum"),
        helper.make_node("Mul", ["h", "scale"], ["g"], name="scaled"),
        helper.make_node("Sin", ["g"], ["y"], name="sine"),
    ]
    model = build_model(nodes, {"x": [4, 2], "t": [4, 1], "scale": [1, 2]}, {"y": [4, 2]})
    assert inputs_of(derive(model, ["x"], 1)) == [("batch", 2), ("batch", 1), (1, 2)]


def test_inner_axes_keep_their_size() -> None:
    nodes = [helper.make_node("Sin", ["x"], ["y"], name="sine")]
    model = build_model(nodes, {"x": [1, 16, 2]}, {"y": [1, 16, 2]})
    assert inputs_of(derive(model, order=1)) == [("batch", 16, 2)]


def test_a_free_batch_is_left_alone() -> None:
    model = load_model(siren((2, 8, 1)))
    assert free_batch(model, ["x"]) is model


def test_a_model_with_another_free_size_is_left_alone() -> None:
    nodes = [helper.make_node("Sin", ["x"], ["y"], name="s")]
    model = load_model(build_model(nodes, {"x": [4, "K", 2]}, {"y": [4, "K", 2]}))
    assert free_batch(model, ["x"]) is model


def test_the_given_model_is_not_changed() -> None:
    model = load_model(siren((2, 8, 1), batch=4))
    freed = free_batch(model, ["x"])
    assert dims_of(model.graph.inputs[0]) == (4, 2)
    assert dims_of(freed.graph.inputs[0]) == ("batch", 2)
    assert chunk_rows(model) == 4
    assert chunk_rows(freed) > 1000


def test_the_command_frees_it_too(tmp_path: Path) -> None:
    onnx.save(siren((2, 8, 1), batch=1), tmp_path / "m.onnx")
    assert main(["derive", str(tmp_path / "m.onnx"), "--order", "1", "-o", str(tmp_path / "d.onnx")]) == 0
    derivative = onnx.load(tmp_path / "d.onnx")
    assert inputs_of(derivative) == [("batch", 2)]
