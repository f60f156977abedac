"""From an ONNX model to compiled C++ without the engine: networks of several shapes equal their bit-true model."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from inrarch.config.load import load_workspace
from inrarch.config.model import Variant
from inrarch.config.select import select_variants
from inrarch.errors import UserError
from inrarch.stages import stages
from tests.models import build_model, perceptron, siren
from tests.running import run_stage

_NUMBERS = np.random.default_rng(0)
_WEIGHTS = {
    "w0": _NUMBERS.normal(size=(2, 8)),
    "b0": _NUMBERS.normal(size=8),
    "w1": _NUMBERS.normal(size=(8, 8)) / 3,
    "b1": _NUMBERS.normal(size=8),
    "w2": _NUMBERS.normal(size=(8, 1)),
    "b2": _NUMBERS.normal(size=1),
    "v0": _NUMBERS.normal(size=(2, 8)),
    "t0": _NUMBERS.normal(size=(1, 8)),
    "beta": np.array(10.0),
    "threshold": np.array(20.0),
}


def _model(*nodes: tuple[str, str, str], inputs: dict[str, int] | None = None) -> onnx.ModelProto:
    """nodes: (operator, operands with spaces between, result); the result `y` is the output."""
    made = [
        helper.make_node(operator, operands.split(), [result], name=f"n_{result}")
        for operator, operands, result in nodes
    ]
    used = {operand for _, operands, _ in nodes for operand in operands.split()}
    shapes = {name: ["N", size] for name, size in (inputs or {"x": 2}).items()}
    weights = {name: array for name, array in _WEIGHTS.items() if name in used}
    return build_model(made, shapes, {"y": ["N", 1]}, weights)


def skip_connection() -> onnx.ModelProto:
    return _model(
        ("Gemm", "x w0 b0", "h0"),
        ("Sin", "h0", "a0"),
        ("Gemm", "a0 w1 b1", "h1"),
        ("Tanh", "h1", "t1"),
        ("Add", "t1 a0", "a1"),
        ("Gemm", "a1 w2 b2", "y"),
    )


def multiplicative() -> onnx.ModelProto:
    return _model(
        ("Gemm", "x w0 b0", "h0"),
        ("Sin", "h0", "a0"),
        ("Gemm", "a0 w1 b1", "h1"),
        ("Gemm", "x v0 b1", "h2"),
        ("Sin", "h2", "g"),
        ("Mul", "h1 g", "a1"),
        ("Gemm", "a1 w2 b2", "y"),
    )


def softplus_with_threshold() -> onnx.ModelProto:
    return _model(
        ("Gemm", "x w0 b0", "h0"),
        ("Mul", "h0 beta", "scaled"),
        ("Greater", "scaled threshold", "linear"),
        ("Softplus", "scaled", "s"),
        ("Div", "s beta", "soft"),
        ("Where", "linear h0 soft", "a0"),
        ("Gemm", "a0 w2 b2", "y"),
    )


def two_inputs() -> onnx.ModelProto:
    return _model(
        ("Gemm", "x w0 b0", "h0"),
        ("Gemm", "t t0 b1", "h1"),
        ("Add", "h0 h1", "h"),
        ("Exp", "h", "e"),
        ("Sigmoid", "e", "a0"),
        ("Gemm", "a0 w2 b2", "y"),
        inputs={"x": 2, "t": 1},
    )


def variant_of(model: Path, **derivatives: Any) -> Variant:
    """A small variant on siren_tiny's board."""
    example = select_variants(load_workspace(Path(__file__).resolve().parents[2]), ["siren_tiny"])[0]
    return replace(
        example,
        model=model,
        derivatives=replace(example.derivatives, **derivatives),
        numeric=replace(example.numeric, calibration_samples=1024),
        dataflow=replace(example.dataflow, rows=16),
        verification=replace(example.verification, rows=100),
    )


def run_stages(
    folder: Path,
    model: onnx.ModelProto,
    after_fifo: Callable[[Path], None] = lambda path: None,
    samples: Path | None = None,
    dataflow: dict[str, Any] | None = None,
    dsp_count: int | None = None,
    **derivatives: Any,
) -> dict[str, Any]:
    """All stages up to csim; its report.

    after_fifo: may change the content of the fifo stage. samples: file of the domain's samples. dataflow: settings.
    dsp_count: multipliers that the mapping may take.
    """
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / "model.onnx")
    variant = variant_of(folder / "model.onnx", **derivatives)
    variant = replace(variant, dataflow=replace(variant.dataflow, **(dataflow or {})))
    variant = replace(variant, constraints=replace(variant.constraints, dsp_count=dsp_count))
    if samples is not None:
        variant = replace(variant, domain=replace(variant.domain, samples_file=samples))
    for stage in stages():
        output = run_stage(stage, variant, folder)
        if stage.name == "fifo":
            after_fifo(output)
        if stage.name == "csim":
            break
    report: dict[str, Any] = json.loads((output / "report.json").read_text(encoding="utf-8"))
    return report


@pytest.mark.parametrize(
    ("build", "derivatives"),
    [
        (skip_connection, {"order": 2}),
        (multiplicative, {"order": 1}),
        (softplus_with_threshold, {"order": 2}),
        (two_inputs, {"order": 2, "wrt": ("x", "t")}),
        pytest.param(lambda: siren((2, 8, 8, 1), w0=5.0), {"order": 4}, marks=pytest.mark.slow, id="siren"),
        pytest.param(lambda: perceptron((3, 10, 7, 2), "Tanh"), {"order": 3}, marks=pytest.mark.slow, id="tanh"),
        pytest.param(lambda: perceptron((2, 9, 5, 3), "Relu"), {"order": 1}, marks=pytest.mark.slow, id="relu"),
    ],
)
def test_compiled_network_equals_the_bit_true_model(
    tmp_path: Path,
    build: Callable[[], onnx.ModelProto],
    derivatives: dict[str, Any],
    capfd: pytest.CaptureFixture[str],
) -> None:
    report = run_stages(tmp_path, build(), **derivatives)
    assert (report["equal"], report["rows"], report["mismatches"]) == (True, 100, 0)
    assert all(errors["max_rel"] < 1e-3 for errors in report["outputs"].values())
    assert all(stream["high_water"] <= stream["depth"] for stream in report["streams"].values())
    assert "warning" not in capfd.readouterr().out


def test_a_skip_connection_in_fifos_of_two_words_deadlocks(tmp_path: Path) -> None:
    def shallow(fifo: Path) -> None:
        content = json.loads((fifo / "depths.json").read_text(encoding="utf-8"))
        assert max(content["depths"].values()) > 2
        content["depths"] = dict.fromkeys(content["depths"], 2)
        (fifo / "depths.json").write_text(json.dumps(content), encoding="utf-8")

    with pytest.raises(UserError, match="the C simulation deadlocks") as caught:
        run_stages(tmp_path, skip_connection(), shallow, order=2)
    assert caught.value.excerpt is not None
    assert "waits to write to stream" in caught.value.excerpt
    assert "(2 of 2 words)" in caught.value.excerpt
