from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from inrarch.engine.stage import StageRun
from inrarch.errors import UserError
from inrarch.report.summary import summarise
from inrarch.stages.verdict import STAGE
from tests.report import sample


def run(folder: Path, csim: dict[str, Any]) -> str | None:
    report, output = folder / "report", folder / "verdict"
    report.mkdir()
    output.mkdir()
    summary = summarise(sample.full_evidence(csim=csim))
    (report / "report.json").write_text(json.dumps(summary), encoding="utf-8")
    return STAGE.run(StageRun({"report": report}, {}, {}, output, folder / "scratch"))


def test_a_verified_variant_passes(tmp_path: Path) -> None:
    assert run(tmp_path, sample.csim()) == "verified"


def test_a_failing_variant_lists_everything_that_failed(tmp_path: Path) -> None:
    csim = sample.csim() | {"mismatches": 7}
    csim["outputs"]["y_d0"]["max_rel"] = 0.0123
    with pytest.raises(UserError) as error:
        run(tmp_path, csim)
    assert error.value.exit_code == 1
    assert str(error.value) == (
        "demo@order1 is not verified\n"
        "  - 7 output words of the compiled C++ differ from the bit-true model (1,024 rows)\n"
        "  - y_d0: relative error 0.0123, tolerance 0.005\n"
        "hint: report/index.html of this variant shows the details"
    )
