"""Random projects to the co-simulation: words, TLAST, cycles of every process and fill of every FIFO are as predicted.

The long campaign: `INRARCH_COSIM=5000:5100 pytest -m slow tests/campaigns/test_cosimulated.py` runs these numbers.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from inrarch.stages import cosim
from tests.campaigns.chain import run_project
from tests.campaigns.cosimulated import lint, modules, small_project
from tests.running import run_stage

QUICK = (5016,)
"""Its ports are not in the order of its streams."""
LONG = range(*map(int, os.environ.get("INRARCH_COSIM", "5000:5040").split(":")))
MOST_MODULES = 20
"""Of a design that the long campaign simulates: each takes seconds to compile. Larger ones are checked by lint."""


def check_rtl(seed: int, folder: Path) -> bool:
    """Whether there is hardware for the project; then its RTL has no warnings, and does what was predicted."""
    variant = small_project(seed, folder)
    found = run_project(variant, folder, "rtl", without=("csim",))
    if found.refused is not None:
        assert found.stage not in ("hls", "rtl"), found.refused
        return False
    lint(folder / "rtl")
    if modules(folder / "rtl") <= MOST_MODULES:
        report = json.loads((run_stage(cosim.STAGE, variant, folder) / "report.json").read_text(encoding="utf-8"))
        assert (report["equal"], report["exact"]) == (True, True), report["runs"]
        assert [run["stalls"] > 0 for run in report["runs"]] == [False, True]
    return True


@pytest.mark.parametrize("seed", QUICK)
def test_the_rtl_of_a_random_project_does_what_was_predicted(seed: int, tmp_path: Path) -> None:
    assert check_rtl(seed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", LONG)
def test_campaign(seed: int, tmp_path: Path) -> None:
    check_rtl(seed, tmp_path)
