"""Rows at a kink in the C simulation: left out of the errors of derivatives, and hidden from nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inrarch.stages import csim
from tests.hardware.stage_inputs import stage_run
from tests.numeric.test_kinks import BELOW, ramps, rows
from tests.stages.test_csim_networks import run_stages

HELD_BACK = 5


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """All stages for `ramps` on 64 test rows, of which the second and the seventh lie at a kink."""
    folder = tmp_path_factory.mktemp("ramps")
    points = np.repeat(rows(), HELD_BACK, axis=0)
    points[2 * HELD_BACK - 1] = [0.5 + BELOW, 0.25]
    points[7 * HELD_BACK - 1] = [0.25, BELOW]
    np.save(folder / "samples.npy", points)
    return folder, run_stages(folder / "run", ramps(), samples=folder / "samples.npy", order=1)


def again(folder: Path, built: Path, *, kinks: list[int], without: str = "", put: str = "") -> dict[str, Any]:
    """csim once more, with other rows at kinks and one place of the C++ replaced."""
    shutil.copytree(built / "run" / "hls", folder / "hls")
    vectors = folder / "hls" / "data" / "vectors.json"
    vectors.write_text(json.dumps(json.loads(vectors.read_text()) | {"kinks": kinks}))
    changed = 0
    for path in (folder / "hls" / "src").rglob("*.hpp"):
        text = path.read_text(encoding="utf-8")
        if without and without in text:
            path.write_text(text.replace(without, put), encoding="utf-8")
            changed += 1
    assert changed == bool(without)
    step = stage_run(folder / "csim", {"hls": folder / "hls", "expand": built / "run" / "expand"}, {})
    csim.run(step)
    report: dict[str, Any] = json.loads((step.output / "report.json").read_text())
    return report


def test_rows_at_a_kink_do_not_count_for_derivatives(built: tuple[Path, dict[str, Any]]) -> None:
    folder, report = built
    vectors = json.loads((folder / "run" / "hls" / "data" / "vectors.json").read_text())
    assert vectors["kinks"] == [1, 6]
    assert (report["rows"], report["kinks"], report["equal"]) == (64, 2, True)
    assert all(errors["max_rel"] < 1e-4 for errors in report["outputs"].values())


def test_without_the_list_the_derivatives_are_wrong_by_the_jump(
    tmp_path: Path, built: tuple[Path, dict[str, Any]]
) -> None:
    report = again(tmp_path, built[0], kinks=[])
    assert report["outputs"]["y"]["max_rel"] < 1e-4
    assert all(report["outputs"][name]["max_abs"] > 0.9 for name in ("y_d0", "y_d1"))


def test_where_all_rows_are_at_a_kink_all_are_judged(tmp_path: Path, built: tuple[Path, dict[str, Any]]) -> None:
    report = again(tmp_path, built[0], kinks=list(range(64)))
    assert report["outputs"]["y_d0"]["max_abs"] > 0.9


def test_a_wrong_comparison_in_the_hardware_is_found_even_where_every_row_but_one_is_at_a_kink(
    tmp_path: Path, built: tuple[Path, dict[str, Any]]
) -> None:
    report = again(tmp_path, built[0], kinks=list(range(63)), without="inrarch::greater(", put="!inrarch::greater(")
    assert report["equal"] is False
    assert report["outputs"]["y_d0"]["lsb_errors"] == report["outputs"]["y_d1"]["lsb_errors"] == 64
