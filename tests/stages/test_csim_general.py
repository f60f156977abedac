"""From an ONNX model to compiled C++: graphs that are no chain of layers equal their bit-true model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest

from tests.models import siren
from tests.stages import general_networks as networks
from tests.stages.test_csim_networks import run_stages


def field(outputs: int = 1) -> onnx.ModelProto:
    return siren((2, 8, 8, outputs), w0=5.0)


@pytest.mark.parametrize(
    ("build", "derivatives", "kernels"),
    [
        pytest.param(networks.concatenated_skip, {"order": 2}, {"reorder"}, id="concatenated_skip"),
        pytest.param(networks.gated, {"order": 2}, {"reorder"}, id="gated", marks=pytest.mark.slow),
        pytest.param(networks.bilinear, {"order": 1}, {"reorder", "reduce"}, id="bilinear"),
        pytest.param(networks.convolution, {"order": 2}, {"reorder"}, id="convolution"),
        pytest.param(networks.normalized, {"order": 2}, {"reorder", "reduce"}, id="normalized"),
        pytest.param(networks.layer_norm, {"order": 1}, {"reorder", "reduce"}, id="layer_norm"),
        pytest.param(networks.attention, {"order": 1}, {"reorder", "reduce"}, id="attention", marks=pytest.mark.slow),
        pytest.param(networks.rows_of_two_axes, {"outputs": ("jacobian",)}, {"reorder"}, id="rows_of_two_axes"),
        pytest.param(field, {"outputs": ("gradient",)}, {"reorder"}, id="gradient", marks=pytest.mark.slow),
        pytest.param(lambda: field(3), {"outputs": ("jacobian",)}, {"reorder"}, id="jacobian", marks=pytest.mark.slow),
    ],
)
def test_a_general_graph_equals_the_bit_true_model(
    tmp_path: Path,
    build: Callable[[], onnx.ModelProto],
    derivatives: dict[str, Any],
    kernels: set[str],
    capfd: pytest.CaptureFixture[str],
) -> None:
    report = run_stages(tmp_path, build(), **derivatives)
    assert (report["equal"], report["rows"], report["mismatches"]) == (True, 100, 0)
    assert all(errors["max_rel"] < 1e-3 for errors in report["outputs"].values())
    assert all(stream["high_water"] <= stream["depth"] for stream in report["streams"].values())
    assert "warning" not in capfd.readouterr().out
    network = json.loads((tmp_path / "map" / "network.json").read_text(encoding="utf-8"))
    assert kernels <= {process["kernel"] for process in network["processes"]}


def test_words_of_an_output_with_inner_axes_come_in_its_order(tmp_path: Path) -> None:
    report = run_stages(tmp_path, field(), outputs=("hessian", "laplacian"))
    assert (report["equal"], report["rows"], report["mismatches"]) == (True, 100, 0)
    assert all(errors["max_rel"] < 1e-3 for errors in report["outputs"].values())
    design = json.loads((tmp_path / "hls" / "design.json").read_text(encoding="utf-8"))
    words = {output["tensor"]: (output["features"], output["stride"]) for output in design["outputs"]}
    assert words == {"y_hessian": (4, 1), "y_laplacian": (1, 1)}
    assert design["output_words"] == 5
