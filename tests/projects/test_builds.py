"""Every example becomes C++ and RTL that equal the bit-true model to the last bit, the RTL in the predicted cycles."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inrarch.config.model import Variant
from inrarch.hardware.design import load_design
from inrarch.stages import stages
from tests.compilers import compile_as_users_do
from tests.projects.example import NAMES, project
from tests.running import run_stage

ROWS = 256
CASES = [
    ("siren_tiny", 0, 1), ("siren_tiny", 0, 2), ("siren_tiny", 0, 3), ("siren_tiny", 0, 4),
    ("siren_image", 0, 1), ("siren_image", 1, 2),
    ("sdf_skip", 0, None), ("pinn_tanh", 0, None), ("multiplicative", 0, None), ("siren_pruned", 0, None),
    ("siren_gradient", 0, None), ("siren_ulx3s", 0, None),
]  # fmt: skip
"""Name, number of the variant, order: another than it says."""
IN_CPP = [("siren_image", 2, 3), ("siren_image", 3, 4)]
"""Wide designs of high orders, which g++ takes long to compile as models of Verilator."""


@pytest.fixture(autouse=True)
def _optimised(monkeypatch: pytest.MonkeyPatch) -> None:
    compile_as_users_do(monkeypatch)


def test_every_example_is_built() -> None:
    assert {name for name, _, _ in CASES} == set(NAMES)


def small_variant(name: str, number: int, order: int | None) -> Variant:
    """Fewer points than the project has: this is no report."""
    variant = project(name).variants[number]
    return replace(
        variant,
        derivatives=variant.derivatives if order is None else replace(variant.derivatives, order=order),
        numeric=replace(variant.numeric, calibration_samples=2048),
        verification=replace(
            variant.verification, rows=ROWS, cosim=replace(variant.verification.cosim, rows=ROWS, stalls=0.3)
        ),
    )


def build(variant: Variant, folder: Path, until: str) -> None:
    for stage in stages():
        run_stage(stage, variant, folder)
        if stage.name == until:
            return


def report_of(folder: Path, stage: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / stage / "report.json").read_text(encoding="utf-8"))
    return content


def check_cpp(variant: Variant, folder: Path) -> None:
    report = report_of(folder, "csim")
    assert report["equal"] is True
    assert report["saturations"] == 0
    assert all(0 < each["max_rel"] <= variant.verification.tolerance for each in report["outputs"].values())


def check_rtl(variant: Variant, folder: Path) -> dict[str, Any]:
    """Words, TLAST, cycles of every process and fill of every FIFO, with ports that are always able and that stall."""
    report = report_of(folder, "cosim")
    depths = json.loads((folder / "fifo" / "depths.json").read_text(encoding="utf-8"))
    design = load_design(folder / "hls" / "design.json")
    invocations = ROWS // design.rows
    words = ROWS * design.output_words + invocations * design.sum_words
    assert (report["equal"], report["exact"]) == (True, True)
    assert (report["rows"], report["invocations"]) == (ROWS, invocations)
    assert report["cycles"] == {"predicted": depths["cycles"], "measured": depths["cycles"]}
    assert [run["stalls"] for run in report["runs"]] == [0.0, 0.3]
    for run in report["runs"]:
        assert (run["words"], run["mismatches"], run["last_errors"]) == (words, 0, 0)
        assert (run["processes"], run["streams"]) == ({}, {})
        assert run["cycles"]["predicted"] == run["cycles"]["measured"]
        assert run["first"]["predicted"] == run["first"]["measured"]
    free, stalled = report["runs"]
    assert free["first"]["measured"] == depths["cycles"]
    # Ports that stall hold back a narrow design; a wide one has time for that.
    assert stalled["cycles"]["measured"] >= free["cycles"]["measured"]
    return report


@pytest.mark.slow
@pytest.mark.parametrize(("name", "number", "order"), CASES)
def test_an_example_in_hardware(name: str, number: int, order: int | None, tmp_path: Path) -> None:
    variant = small_variant(name, number, order)
    began = time.monotonic()
    build(variant, tmp_path, "cosim")
    seconds = time.monotonic() - began
    check_cpp(variant, tmp_path)
    report = check_rtl(variant, tmp_path)
    free, stalled = (run["cycles"]["measured"] for run in report["runs"])
    print(
        f"{name} {variant.derivatives.order}: first invocation {report['cycles']['measured']:,} cycles; {ROWS} rows "
        f"{free:,} cycles, with stalls {stalled:,}; {report['modules']} modules, {len(report['streams'])} FIFOs, "
        f"{seconds:.0f} s"
    )


@pytest.mark.slow
@pytest.mark.parametrize(("name", "number", "order"), IN_CPP)
def test_an_example_in_cpp(name: str, number: int, order: int | None, tmp_path: Path) -> None:
    variant = small_variant(name, number, order)
    build(variant, tmp_path, "csim")
    check_cpp(variant, tmp_path)
