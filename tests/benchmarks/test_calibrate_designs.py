"""The resource model against whole designs: what was kept, and that the documentation has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.calibrate_designs import DESIGNS, KINDS, Part, error, saved, summary, table, whole
from inrarch.dataflow.cost import Cost

DOCS = (Path(__file__).resolve().parents[2] / "docs/resources.md").read_text(encoding="utf-8")


def test_errors_are_relative_to_the_tool() -> None:
    part = Part(2, Cost(lut=200, ff=100, dsp=4), Cost(lut=220, ff=95, dsp=4))
    assert error(part, "lut") == pytest.approx(0.1)
    assert error(part, "bram18") is None
    lines = table({"matmul": part, "streams": Part(1, Cost(lut=100), Cost(lut=100))}).splitlines()
    assert lines[2] == "| 2 matmul | 200 / 220 (+10%) | 100 / 95 (-5%) | 4 | 0 |"
    assert lines[-1] == "| **all** | 300 / 320 (+7%) | 100 / 95 (-5%) | 4 | 0 |"


def test_every_design_is_kept() -> None:
    assert saved().keys() == {design.name for design in DESIGNS}


@pytest.mark.parametrize("design", [design.name for design in DESIGNS])
def test_a_design_is_within_the_band(design: str) -> None:
    all_of_it = whole(saved()[design].values())
    for kind in ("lut", "ff"):
        found = error(all_of_it, kind)
        assert found is not None
        assert abs(found) <= 0.15, kind
    for kind in ("dsp", "bram18"):
        assert all_of_it.tool.of(kind) == all_of_it.model.of(kind), kind


def test_the_documentation_has_the_tables() -> None:
    assert summary(saved()) in DOCS
    for name, parts in saved().items():
        assert name in DOCS
        assert table(parts) in DOCS
    assert set(KINDS) == {"lut", "ff", "dsp", "bram18"}
