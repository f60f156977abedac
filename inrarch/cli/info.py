"""`inrarch info`: what is known of a project, variant or stage, and why it would run."""

from __future__ import annotations

import argparse

from inrarch.cli.command import Command


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="project, project@variant or project@variant:stage")


def _run(options: argparse.Namespace) -> int:
    from inrarch.engine.program import run_doit

    return run_doit(["info", "--", options.name])


COMMAND = Command("info", "show what is known of a project, variant or stage", _configure, _run)
