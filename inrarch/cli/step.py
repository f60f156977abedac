"""`inrarch step`: run one stage from its description, as the build does in a child process."""

from __future__ import annotations

import argparse
from pathlib import Path

from inrarch.cli.command import Command


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="description of the run (step.json of a failed stage)")


def _run(options: argparse.Namespace) -> int:
    from inrarch.engine.guard import guarded
    from inrarch.engine.step import run_step

    return guarded(lambda: run_step(options.file))


COMMAND = Command("step", "run one stage from its description", _configure, _run)
