"""`inrarch list`: what can be built."""

from __future__ import annotations

import argparse
import sys

from inrarch.cli.command import Command


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="project, project@variant or a glob (default: all)")
    parser.add_argument("--all", action="store_true", help="also the single stages")
    parser.add_argument("-s", "--status", action="store_true", help="(R)un or (U)p-to-date")
    parser.add_argument("--matrix", action="store_true", help="the table of variants and what makes them different")


def _run(options: argparse.Namespace) -> int:
    from inrarch.errors import UserError

    if options.matrix:
        if options.all or options.status:
            raise UserError("--matrix goes without --all and --status: it shows the configuration only")
        _print_matrices(options.names)
        return 0
    from inrarch.engine.program import run_doit

    return run_doit(["list", *["--all"] * options.all, *["--status"] * options.status, "--", *options.names])


def _print_matrices(names: list[str]) -> None:
    from inrarch.config.load import find_root, load_workspace
    from inrarch.config.select import select_variants
    from inrarch.config.table import table

    workspace = load_workspace(find_root())
    if names:
        chosen = set(select_variants(workspace, names))
    else:
        chosen = {variant for project in workspace.projects for variant in project.variants}
        for broken in workspace.broken:
            told = f"project {broken.name!r} is left out: `inrarch check {broken.name}` tells what is wrong"
            print(told, file=sys.stderr)
    texts = []
    for project in workspace.projects:
        variants = [variant.name for variant in project.variants if variant in chosen]
        if variants:
            texts.append(table(workspace, project, None if len(variants) == len(project.variants) else variants))
    print("\n\n".join(texts))


COMMAND = Command("list", "list what can be built", _configure, _run)
