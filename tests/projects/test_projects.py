"""The example projects as they are committed."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import onnx
import pytest

from inrarch.config.load import load_workspace
from inrarch.config.model import Project
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("siren_tiny", "siren_image")


def project(name: str) -> Project:
    return next(p for p in load_workspace(ROOT).projects if p.name == name)


def read_png(path: Path) -> np.ndarray:
    """Pixels [height, width, 3] of an 8-bit RGB file without interlacing (ISO/IEC 15948; filters: clause 9)."""
    data, at, packed = path.read_bytes(), 8, b""
    width = height = 0
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, *rest = struct.unpack(">IIBBBBB", body)
            assert rest == [8, 2, 0, 0, 0]
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    raw = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, 1 + width * 3)
    rows = np.zeros((height + 1, (width + 1) * 3), np.int64)  # one row and one pixel of zeros around
    for y, (filtering, *line) in enumerate(raw.tolist(), start=1):
        for x, value in enumerate(line, start=3):
            left, up, corner = int(rows[y, x - 3]), int(rows[y - 1, x]), int(rows[y - 1, x - 3])
            paeth = min((left, up, corner), key=lambda p, e=left + up - corner: abs(e - p))
            rows[y, x] = (value + (0, left, up, (left + up) // 2, paeth)[filtering]) % 256
    return rows[1:, 3:].reshape(height, width, 3).astype(np.uint8)


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
    assert "PSNR" in text
    assert "public domain" in text or "nothing was downloaded" in text


def test_siren_image_has_the_benchmark_architecture() -> None:
    graph = load_model(ROOT / "projects" / "siren_image" / "model.onnx").graph
    weights = [v.shape.numpy() for v in graph.initializers.values() if v.shape is not None and len(v.shape) == 2]
    assert sorted(weights) == sorted([(256, 2), (256, 256), (256, 256), (256, 256), (3, 256)])
    assert [node.op_type for node in graph].count("Sin") == 4
    factors = [v.const_value.numpy().item() for v in graph.initializers.values() if v.const_value.size == 1]
    assert set(factors) == {30.0}


def test_siren_image_shows_its_picture_above_30_db() -> None:
    picture = read_png(ROOT / "projects" / "siren_image" / "picture.png").astype(np.float64) / 255
    height, width, _ = picture.shape
    assert min(height, width) >= 64
    down, right = ((np.arange(n) + 0.5) / n * 2 - 1 for n in (height, width))
    coords = np.stack(np.meshgrid(down, right, indexing="ij"), axis=-1).reshape(-1, 2)
    model = load_model(ROOT / "projects" / "siren_image" / "model.onnx")
    rgb = np.concatenate([evaluate(model, {"coords": part})["rgb"] for part in np.split(coords, 16)])
    psnr = -10 * np.log10(np.mean((rgb.reshape(picture.shape) - picture) ** 2))
    assert psnr > 50  # its README says 53.2


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
    assert found == {"order1": (1, 5e-3), "order2": (2, 1e-2)}
    for variant in project("siren_image").variants:
        assert (variant.board.name, variant.clock_mhz, variant.verification.rows) == ("u50", 300.0, 4096)
        assert (variant.numeric.data_bits, variant.numeric.weight_bits) == (24, 18)


def test_siren_tiny_is_one_variant_of_order_two() -> None:
    (variant,) = project("siren_tiny").variants
    assert (variant.name, variant.derivatives.order) == ("default", 2)


@pytest.mark.slow
@pytest.mark.oracle
@pytest.mark.parametrize("name", NAMES)
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
