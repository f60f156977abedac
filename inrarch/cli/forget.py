"""`inrarch forget`: let stages run again."""

from __future__ import annotations

import argparse

from inrarch.cli.command import Command


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="project, project@variant[:stage] (default: all)")


def _run(options: argparse.Namespace) -> int:
    from inrarch.engine.program import run_doit

    return run_doit(["forget", "--", *options.names])


COMMAND = Command("forget", "let stages run again at the next build", _configure, _run)
