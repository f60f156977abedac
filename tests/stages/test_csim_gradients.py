"""Reverse sweeps in compiled C++: gradients by coordinates and, as sums over the rows of an invocation, by weights."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from inrarch.derivatives.api import derive
from inrarch.hardware.design import load_design
from inrarch.hardware.vectors import read_answers
from inrarch.json_file import read_json
from inrarch.numeric.formats import Format, dequantize
from inrarch.stages import csim
from tests.hardware.stage_inputs import stage_run
from tests.models import build_model, node, perceptron, siren
from tests.stages.test_csim_networks import run_stages

ROWS = 16  # of an invocation, in `variant_of`
SIREN = tuple(f"net.{layer}.{kind}" for layer in range(3) for kind in ("weight", "bias"))
LAYERS = ("w0", "b0", "w1", "b1", "w2")


def squared_error() -> onnx.ModelProto:
    """A 2-8-8-1 SIREN and a target: one squared error per row."""
    model = siren((2, 8, 8, 1), w0=5.0)
    graph = model.graph
    graph.node.extend([node("Sub", ["y", "target"], "e"), node("Mul", ["e", "e"], "loss")])
    graph.input.append(onnx.helper.make_tensor_value_info("target", onnx.TensorProto.FLOAT, ["N", 1]))
    graph.output[0].name = "loss"
    return model


def mean_square() -> onnx.ModelProto:
    """The mean over the batch of a squared tanh network: one number."""
    numbers = np.random.default_rng(0)
    return build_model(
        [
            node("Gemm", ["x", "w0", "b0"], "h"),
            node("Tanh", ["h"], "a"),
            node("MatMul", ["a", "w1"], "y"),
            node("Mul", ["y", "y"], "q"),
            node("ReduceMean", ["q"], "loss", keepdims=0),
        ],
        {"x": ["N", 2]},
        {"loss": []},
        {"w0": numbers.normal(size=(2, 8)), "b0": numbers.normal(size=8), "w1": numbers.normal(size=(8, 1))},
    )


def pooled() -> onnx.ModelProto:
    """A layer on the sum of features over the batch: a product per invocation."""
    numbers = np.random.default_rng(0)
    return build_model(
        [
            node("Gemm", ["x", "w0", "b0"], "h"),
            node("Tanh", ["h"], "a"),
            node("ReduceSum", ["a", "batch"], "sum", keepdims=1),
            node("Gemm", ["sum", "w1", "b1"], "loss"),
        ],
        {"x": ["N", 2]},
        {"loss": [1, 1]},
        {
            "w0": numbers.normal(size=(2, 9)),
            "b0": numbers.normal(size=9),
            "batch": np.array([0]),
            "w1": numbers.normal(size=(9, 1)),
            "b1": numbers.normal(size=1),
        },
    )


@pytest.fixture(scope="module")
def gradient(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The gradient of the squared error by all six parameters: the folder of all stages, and csim's report."""
    folder = tmp_path_factory.mktemp("gradient")
    return folder, run_stages(folder, squared_error(), parameters=SIREN)


def test_the_gradient_by_all_weights_equals_the_bit_true_model(gradient: tuple[Path, dict[str, Any]]) -> None:
    _, report = gradient
    assert (report["equal"], report["rows"], report["mismatches"]) == (True, 112, 0)
    assert set(report["outputs"]) == {"loss", *(f"loss_d:{name}" for name in SIREN)}
    assert all(0 < errors["max_rel"] < 1e-3 for errors in report["outputs"].values())
    assert all(stream["high_water"] <= stream["depth"] for stream in report["streams"].values())


def test_words_are_the_gradient_of_each_batch(gradient: tuple[Path, dict[str, Any]]) -> None:
    """Seven invocations of 16 rows, against the gradient of another derivation, in float64, batch by batch."""
    folder, _ = gradient
    design = load_design(folder / "hls" / "design.json")
    answers = read_answers(design, folder / "hls" / "data", "expected")
    assert answers.rows.shape == (112, 1)
    assert answers.sums.shape == (7, 16 + 8 + 64 + 8 + 8 + 1)
    points = np.load(folder / "hls" / "data" / "points.npy")
    points = np.concatenate([points, points[: 112 - len(points)]]).astype(np.float32)
    session = onnxruntime.InferenceSession(
        derive(squared_error(), parameters=SIREN).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    for output in design.outputs:
        if not output.once:
            continue
        words = answers.sums[:, design.words_of(output)].astype(np.int64)
        found = dequantize(words, Format(output.bits, output.frac))
        for batch in range(7):
            rows = points[batch * ROWS : (batch + 1) * ROWS]
            (expected,) = session.run([output.tensor], {"x": rows[:, :2], "target": rows[:, 2:]})
            np.testing.assert_allclose(found[batch], expected.reshape(-1), atol=2e-3 * np.abs(expected).max())


def test_activations_wait_in_fifos_that_are_deep_enough(gradient: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = gradient
    depths = read_json(folder / "fifo" / "depths.json", "depths")
    assert depths["deadlock_free"] is True
    assert max(depths["depths"].values()) > 8
    network = read_json(folder / "map" / "network.json", "network")
    assert depths["cycles"] == pytest.approx(network["model"]["cycles"], abs=40)


def test_a_wrong_sum_is_reported_by_output_and_invocation(
    gradient: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, _ = gradient
    shutil.copytree(folder / "hls", tmp_path / "hls")
    path = tmp_path / "hls" / "data" / "expected_sums.bin"
    words = np.fromfile(path, dtype="<i4").reshape(7, -1)
    words[3, 16 + 8 + 5] += 1
    words.tofile(path)
    step = stage_run(tmp_path / "csim", {"hls": tmp_path / "hls", "expand": folder / "expand"}, {})
    assert csim.run(step).startswith("DIFFERENT: 112 rows, 1 words differ")
    report = json.loads((step.output / "report.json").read_text(encoding="utf-8"))
    (found,) = report["first_mismatches"]
    assert found["row"] == 3
    place = {output.tensor: output for output in load_design(folder / "hls" / "design.json").outputs}[found["output"]]
    assert place.offset + found["feature"] * place.stride == 16 + 8 + 5
    assert report["outputs"][found["output"]]["lsb_errors"] == 1
    assert found["expected"] == found["found"] + 1


@pytest.mark.parametrize(
    ("build", "asked"),
    [
        (lambda: siren((2, 8, 8, 1), w0=5.0), {"order": 1, "method": "reverse"}),
        pytest.param(
            lambda: siren((2, 8, 8, 1), w0=5.0), {"order": 2, "method": "mixed"}, marks=pytest.mark.slow, id="mixed"
        ),
        pytest.param(
            lambda: perceptron((3, 9, 7, 2), "Tanh"),
            {"parameters": (*LAYERS, "b2"), "by": "vjp"},
            marks=pytest.mark.slow,
            id="vjp",
        ),
        pytest.param(lambda: perceptron((3, 9, 7, 2), "Tanh"), {"by": "vjp"}, marks=pytest.mark.slow, id="vjp_x"),
        pytest.param(
            lambda: perceptron((2, 9, 7, 1), "Relu"), {"parameters": LAYERS}, marks=pytest.mark.slow, id="relu"
        ),
        pytest.param(mean_square, {"parameters": ("w0", "b0", "w1")}, marks=pytest.mark.slow, id="mean"),
        pytest.param(pooled, {"parameters": ("w0", "b0")}, id="pooled"),
        pytest.param(
            lambda: siren((2, 8, 8, 1), w0=5.0),
            {"parameters": ("net.0.weight", "net.1.weight", "net.1.bias"), "outputs": ("y_laplacian",)},
            marks=pytest.mark.slow,
            id="of_a_laplacian",
        ),
    ],
)
def test_sweeps_equal_the_bit_true_model(
    tmp_path: Path,
    build: Callable[[], onnx.ModelProto],
    asked: dict[str, Any],
    capfd: pytest.CaptureFixture[str],
) -> None:
    report = run_stages(tmp_path, build(), **asked)
    assert (report["equal"], report["mismatches"]) == (True, 0)
    assert report["rows"] >= 4 * ROWS
    assert all(errors["max_rel"] < 1e-3 for errors in report["outputs"].values())
    assert all(stream["high_water"] <= stream["depth"] for stream in report["streams"].values())
    assert "warning" not in capfd.readouterr().out
