"""The example projects as they are committed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from tests.projects.example import NAMES, ROOT, project, psnr_of_picture


def test_there_are_examples() -> None:
    assert {"siren_tiny", "siren_image", "sdf_skip", "pinn_tanh", "multiplicative", "siren_pruned"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_model_is_small_and_stands_alone(name: str) -> None:
    path = ROOT / "projects" / name / "model.onnx"
    proto = onnx.load(path, load_external_data=False)
    onnx.checker.check_model(proto, full_check=True)
    assert path.stat().st_size < 1_000_000
    assert not any(tensor.external_data for tensor in proto.graph.initializer)
    assert [opset.version for opset in proto.opset_import if opset.domain == ""] == [18]


@pytest.mark.parametrize("name", NAMES)
def test_the_model_holds_no_path_of_the_machine_that_trained_it(name: str) -> None:
    content = (ROOT / "projects" / name / "model.onnx").read_bytes()
    assert b".py" not in content
    assert b"stack_trace" not in content


@pytest.mark.parametrize("name", NAMES)
def test_a_project_says_where_it_comes_from(name: str) -> None:
    text = (ROOT / "projects" / name / "README.md").read_text(encoding="utf-8")
    assert "train.py" in text
    assert "PSNR" in text or "| error |" in text
    assert "public domain" in text or "nothing was downloaded" in text


def test_siren_image_has_the_benchmark_architecture() -> None:
    graph = load_model(ROOT / "projects" / "siren_image" / "model.onnx").graph
    weights = [v.shape.numpy() for v in graph.initializers.values() if v.shape is not None and len(v.shape) == 2]
    assert sorted(weights) == sorted([(256, 2), (256, 256), (256, 256), (256, 256), (3, 256)])
    assert [node.op_type for node in graph].count("Sin") == 4
    factors = [v.const_value.numpy().item() for v in graph.initializers.values() if v.const_value.size == 1]
    assert set(factors) == {30.0}


def test_siren_image_shows_its_picture_above_30_db() -> None:
    assert psnr_of_picture("siren_image") > 50  # its README says 53.2


def test_siren_tiny_is_negative_inside_the_star_and_positive_outside() -> None:
    model = load_model(ROOT / "projects" / "siren_tiny" / "model.onnx")
    points = np.array([[0.0, 0.0], [-0.6, 0.0], [0.9, 0.9], [-0.9, -0.9], [0.6, 0.0]])
    distance = evaluate(model, {"xy": points})["distance"][:, 0]
    np.testing.assert_array_equal(np.sign(distance), [-1, -1, 1, 1, 1])


def test_siren_tiny_is_a_distance_its_gradient_has_length_one() -> None:
    model = load_model(ROOT / "projects" / "siren_tiny" / "model.onnx")
    points = np.random.default_rng(0).uniform(-0.9, 0.9, (400, 2))
    step = 1e-4
    slopes = [
        (evaluate(model, {"xy": points + d})["distance"] - evaluate(model, {"xy": points - d})["distance"]) / (2 * step)
        for d in (np.array([step, 0.0]), np.array([0.0, step]))
    ]
    assert np.median(np.hypot(*slopes)) == pytest.approx(1.0, abs=0.03)


def test_siren_image_has_a_variant_per_order_with_its_own_tolerance() -> None:
    found = {v.name: (v.derivatives.order, v.verification.tolerance) for v in project("siren_image").variants}
    assert found == {"order1": (1, 5e-3), "order2": (2, 1e-2), "order3": (3, 1e-2), "order4": (4, 1e-2)}
    for variant in project("siren_image").variants:
        assert (variant.board.name, variant.clock_mhz) == ("u50", 300.0)
        assert variant.verification.rows == (4096 if variant.derivatives.order < 3 else 1024)
        assert (variant.numeric.data_bits, variant.numeric.weight_bits) == (24, 18)


def test_siren_tiny_is_one_variant_of_order_two() -> None:
    (variant,) = project("siren_tiny").variants
    assert (variant.name, variant.derivatives.order) == ("default", 2)


TRAINED = [name for name in NAMES if (ROOT / "projects" / name / "train.py").exists()]


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(TRAINED)))
def test_a_model_without_a_training_script_is_that_of_a_project_that_has_one(name: str) -> None:
    """Its README says which."""
    folder = ROOT / "projects"
    content = (folder / name / "model.onnx").read_bytes()
    same = [other for other in TRAINED if (folder / other / "model.onnx").read_bytes() == content]
    assert len(same) == 1
    assert f"(../{same[0]})" in (folder / name / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.oracle
@pytest.mark.parametrize("name", TRAINED)
def test_the_training_script_runs_as_a_file_and_writes_a_model_like_the_committed_one(
    name: str, tmp_path: Path
) -> None:
    for module in ("torch", "onnxscript", "skimage"):
        pytest.importorskip(module)
    script, output = ROOT / "projects" / name / "train.py", tmp_path / "model.onnx"
    subprocess.run([sys.executable, script, "--steps", "2", "--output", output], cwd=tmp_path, check=True)
    ours, committed = onnx.load(output), onnx.load(script.with_name("model.onnx"))
    assert [node.op_type for node in ours.graph.node] == [node.op_type for node in committed.graph.node]
    assert list(ours.graph.input) == list(committed.graph.input)
    assert list(ours.graph.output) == list(committed.graph.output)
    assert str(ROOT).encode() not in output.read_bytes()
