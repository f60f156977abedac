"""One stage of a project, run as the engine runs it, in a folder of its own beside those of the stages before."""

from __future__ import annotations

from pathlib import Path

from inrarch.config.model import Variant
from inrarch.engine.stage import Stage, StageRun


def run_stage(stage: Stage, variant: Variant, folder: Path) -> Path:
    """The output of the stage, `folder / stage.name`; its inputs are already there."""
    output, scratch = folder / stage.name, folder / "scratch" / stage.name
    output.mkdir(parents=True)
    scratch.mkdir(parents=True)
    inputs = {name: folder / name for name in stage.after}
    stage.run(StageRun(inputs, stage.files(variant), stage.settings(variant), output, scratch))
    return output
