"""`inrarch step`: run one stage from its description, as the build does in a child process."""

from __future__ import annotations

import argparse
from pathlib import Path

from inrarch.cli.command import Command


def _configure(parser: argparse.ArgumentParser) -> None:
    text = "description of the run (step.json of a failed stage); - = a packed run on stdin, its result to stdout"
    parser.add_argument("file", type=Path, metavar="FILE", help=text)


def _run(options: argparse.Namespace) -> int:
    if str(options.file) == "-":
        from inrarch.engine.parcel import run_stream

        return run_stream()
    from inrarch.engine.guard import guarded
    from inrarch.engine.step import run_step

    return guarded(lambda: run_step(options.file))


COMMAND = Command("step", "run one stage from its description", _configure, _run)
