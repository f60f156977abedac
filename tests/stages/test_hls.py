"""hls writes a folder that stands alone, with test rows that calibration has not seen."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from inrarch.config.load import load_workspace
from inrarch.config.select import select_variants
from inrarch.errors import UserError
from inrarch.hardware.design import load_design
from inrarch.hardware.vectors import load_vectors
from inrarch.stages import hls
from tests.hardware.stage_inputs import SETTINGS, run_hls, stage_run, upstream


def test_writes_code_vectors_and_summary(tmp_path: Path) -> None:
    inputs, summary = run_hls(tmp_path)
    design = load_design(inputs["hls"] / "design.json")
    size = sum(path.stat().st_size for path in (inputs["hls"] / "src").rglob("*") if path.is_file())
    assert summary.startswith(f"5 processes, 4 streams, 8 files of {size / 1000:.1f} kB, 40 test rows")
    assert [(port.tensor, port.features) for port in design.inputs] == [("x", 2)]
    assert [(output.tensor, output.offset, output.stride) for output in design.outputs] == [("y", 0, 2), ("y_d0", 1, 2)]
    assert [(stream.name, stream.depth) for stream in design.streams][:1] == [("s_in__first", 2)]
    sizes = {path.name: path.stat().st_size for path in (inputs["hls"] / "data").iterdir()}
    assert sizes["inputs.bin"] == sizes["expected.bin"] == 40 * 2 * 4
    assert "expected_sums.bin" not in sizes


def test_payload_is_deterministic(tmp_path: Path) -> None:
    folders = [run_hls(tmp_path / name)[0]["hls"] for name in ("a", "b")]
    first, second = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in folders
    )
    assert first == second


def test_another_seed_gives_other_rows_in_the_domain(tmp_path: Path) -> None:
    points = [load_vectors(run_hls(tmp_path / str(seed), seed=seed)[0]["hls"] / "data").points for seed in (1, 2)]
    assert points[0].shape == points[1].shape == (40, 2)
    assert not np.intersect1d(points[0], points[1]).size
    assert np.abs(points).max() <= 1


@pytest.mark.parametrize(("rows", "expected"), [(6, 6), (100, 20)])
def test_rows_of_a_file_are_those_held_back_from_calibration(tmp_path: Path, rows: int, expected: int) -> None:
    samples = np.random.default_rng(0).uniform(-1, 1, (100, 2))
    inputs, _ = run_hls(tmp_path, samples=samples, rows=rows)
    points = load_vectors(inputs["hls"] / "data").points
    assert len(points) == expected
    held_back = {tuple(row) for row in samples[4::5]}
    assert {tuple(row) for row in points} <= held_back


def test_a_stream_without_depth_is_refused(tmp_path: Path) -> None:
    inputs = upstream(tmp_path)
    (inputs["fifo"] / "depths.json").write_text(json.dumps({"depths": {}}), encoding="utf-8")
    with pytest.raises(UserError, match="there is no depth for stream 's_in__first'"):
        hls.run(stage_run(tmp_path / "run", inputs, SETTINGS))


def test_settings_hold_no_path_and_only_what_the_stage_reads() -> None:
    root = Path(__file__).resolve().parents[2]
    variant = select_variants(load_workspace(root), ["siren_tiny"])[0]
    settings = hls.settings(variant)
    assert settings == {
        "rows": variant.verification.rows,
        "seed": variant.verification.seed,
        "low": list(variant.domain.low),
        "high": list(variant.domain.high),
        "part": variant.board.part,
        "clock_mhz": variant.clock_mhz,
    }
    assert str(root) not in json.dumps(settings)
