"""`inrarch clean`: remove results."""

from __future__ import annotations

import argparse

from inrarch.cli.command import Command


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="project, project@variant or a glob (default: all)")
    parser.add_argument("-n", "--dry-run", action="store_true", help="only tell what would be removed")


def _run(options: argparse.Namespace) -> int:
    from inrarch.engine.program import run_doit

    return run_doit(["clean", *["--dry-run"] * options.dry_run, "--", *options.names])


COMMAND = Command("clean", "remove results that no other project uses", _configure, _run)
