"""`inrarch list`: what can be built."""

from __future__ import annotations

import argparse

from inrarch.cli.command import Command


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="project, project@variant or a glob (default: all)")
    parser.add_argument("--all", action="store_true", help="also the single stages")
    parser.add_argument("-s", "--status", action="store_true", help="(R)un or (U)p-to-date")


def _run(options: argparse.Namespace) -> int:
    from inrarch.engine.program import run_doit

    return run_doit(["list", *["--all"] * options.all, *["--status"] * options.status, "--", *options.names])


COMMAND = Command("list", "list what can be built", _configure, _run)
