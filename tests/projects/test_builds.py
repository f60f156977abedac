"""Every example becomes C++ that equals the bit-true model to the last bit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from inrarch.stages import stages
from tests.projects.example import project
from tests.running import run_stage

CASES = [
    ("siren_tiny", 0, 2), ("siren_tiny", 0, 4),
    ("siren_image", 0, 1), ("siren_image", 1, 2), ("siren_image", 2, 3), ("siren_image", 3, 4),
    ("sdf_skip", 0, None), ("pinn_tanh", 0, None), ("multiplicative", 0, None), ("siren_pruned", 0, None),
    ("siren_gradient", 0, None),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("name", "number", "order"), CASES)
def test_an_example_in_hardware(name: str, number: int, order: int | None, tmp_path: Path) -> None:
    """number: of the variant; order: another than it says. Fewer points than the project has: this is no report."""
    variant = project(name).variants[number]
    variant = replace(
        variant,
        derivatives=variant.derivatives if order is None else replace(variant.derivatives, order=order),
        numeric=replace(variant.numeric, calibration_samples=2048),
        verification=replace(variant.verification, rows=256),
    )
    for stage in stages():
        output = run_stage(stage, variant, tmp_path)
        if stage.name == "csim":
            break
    report = json.loads((output / "report.json").read_text(encoding="utf-8"))
    assert report["equal"] is True
    assert report["saturations"] == 0
    assert all(0 < each["max_rel"] <= variant.verification.tolerance for each in report["outputs"].values())
