"""`inrarch build`: bring projects up to date."""

from __future__ import annotations

import argparse

from inrarch.cli.command import Command


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="project, project@variant or a glob (default: all)")
    parser.add_argument("-n", "--process", type=int, default=0, metavar="N", help="stages at a time")
    parser.add_argument("--executor", metavar="NAME", help="where stages run: local, dask or slurm")
    parser.add_argument("--until", metavar="STAGE", help="leave out the stages after this one")
    parser.add_argument("--dry-run", action="store_true", help="only tell what would run, and why")
    parser.add_argument("--no-continue", action="store_true", help="stop at the first failure")
    parser.add_argument("--plain", action="store_true", help="no live view in a terminal, plain lines only")
    parser.add_argument("--json", action="store_true", help="one JSON event per line (schemas/event.schema.json)")
    parser.add_argument("--wait", action="store_true", help="wait for another build of this directory to end")


def _run(options: argparse.Namespace) -> int:
    from inrarch.engine.program import run_doit

    arguments = ["build", "-n", str(options.process)]
    if options.executor:
        arguments += ["--executor", options.executor]
    if options.until:
        arguments += ["--until", options.until]
    if options.dry_run:
        arguments.append("--dry-run")
    if options.no_continue:
        arguments.append("--no-continue")
    arguments += ["--plain"] * options.plain + ["--json"] * options.json
    if options.wait:
        arguments.append("--wait")
    return run_doit([*arguments, "--", *options.names])


COMMAND = Command("build", "bring projects up to date", _configure, _run)
