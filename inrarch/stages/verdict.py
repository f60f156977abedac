"""verdict: fails the build when the report says so, after the report has been published."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from inrarch.engine.stage import Settings, Stage, StageRun
from inrarch.errors import UserError

if TYPE_CHECKING:
    from inrarch.config.model import Variant


def settings(variant: Variant) -> Settings:
    """Nothing of its own: the report has the tolerance."""
    return {}


def run(step: StageRun) -> str:
    """Return the verdict, or raise UserError (exit code 1) with everything that failed."""
    report = json.loads((step.inputs["report"] / "report.json").read_text(encoding="utf-8"))
    verdict = report["verdict"]
    if not verdict["passed"]:
        raise UserError(
            f"{report['project']}@{report['variant']} is not verified",
            excerpt="\n".join(f"  - {failure}" for failure in verdict["failures"]),
            hint="report/index.html of this variant shows the details",
            exit_code=1,
        )
    return "verified"


STAGE = Stage(
    name="verdict",
    title="pass or fail",
    run=run,
    settings=settings,
    after=("report",),
)
