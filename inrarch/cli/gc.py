"""`inrarch gc`: remove what no variant needs any longer."""

from __future__ import annotations

import argparse

from inrarch.cli.command import Command


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-n", "--dry-run", action="store_true", help="only tell what would be removed")
    parser.add_argument(
        "--keep-days", metavar="N", help="keep what was used in the last N days (default: 0; with --shared 30)"
    )
    parser.add_argument("--shared", action="store_true", help="clean up the shared store (`store:`) too")


def _run(options: argparse.Namespace) -> int:
    from inrarch.engine.program import run_doit

    days = [] if options.keep_days is None else [f"--keep-days={options.keep_days}"]
    return run_doit(["gc", *["--dry-run"] * options.dry_run, *["--shared"] * options.shared, *days])


COMMAND = Command("gc", "remove results that no variant needs any longer", _configure, _run)
