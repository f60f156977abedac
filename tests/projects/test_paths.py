"""The examples, mapped small, synthesised for UltraScale+: no path takes longer than a cycle of the board's clock."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from inrarch.engine.stage import NotRunError
from inrarch.stages import stages
from tests.projects.example import project
from tests.running import run_stage

NEEDED = ("expand", "optimize", "quantize", "map", "fifo", "rtl", "synth")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "dsp"),
    [
        ("siren_tiny", 64), ("pinn_tanh", 64), ("sdf_skip", 64), ("siren_pruned", 64), ("siren_gradient", 128),
        ("multiplicative", 64),
    ],
)  # fmt: skip
def test_paths_fit_into_a_cycle(name: str, dsp: int, tmp_path: Path) -> None:
    variant = project(name).variants[0]
    variant = replace(
        variant,
        numeric=replace(variant.numeric, calibration_samples=1024),
        constraints=replace(variant.constraints, dsp_count=dsp),
        implementation=replace(variant.implementation, synthesis=True),
    )
    try:
        made = {stage.name: run_stage(stage, variant, tmp_path) for stage in stages() if stage.name in NEEDED}
    except NotRunError as error:
        pytest.skip(str(error))
    report = json.loads((made["synth"] / "report.json").read_text(encoding="utf-8"))
    paths = {name: each["path"] for name, each in report["processes"].items()} | {"all": report["longest_path"]}
    late = {name: path for name, path in paths.items() if path["ns"] > report["period_ns"]}
    assert not late
    assert report["longest_path"]["ns"] > 1
