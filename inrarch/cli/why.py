"""`inrarch why`: what has changed since the last build."""

from __future__ import annotations

import argparse

from inrarch.cli.command import Command


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="project, project@variant[:stage] (default: all)")


def _run(options: argparse.Namespace) -> int:
    from inrarch.engine.program import run_doit

    return run_doit(["why", "--", *options.names])


COMMAND = Command("why", "tell what has changed since the last build", _configure, _run)
