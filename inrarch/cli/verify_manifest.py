"""`inrarch verify-manifest`: is everything on disk still what the manifests say?"""

from __future__ import annotations

import argparse

from inrarch.cli.command import Command
from inrarch.errors import UserError


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "names",
        nargs="*",
        metavar="FILE|NAME",
        help="a manifest.json, project, project@variant or a glob (default: all manifests in the build directory)",
    )


def _run(options: argparse.Namespace) -> int:
    from inrarch.config.load import find_root, load_workspace
    from inrarch.engine.stores import Stores
    from inrarch.engine.verify import choose_manifests, verify_manifest
    from inrarch.engine.view import View

    workspace = load_workspace(find_root())
    stores = Stores.of_build(workspace.build, workspace.store)
    view = View(workspace.build)
    wrong = 0
    for path in choose_manifests(workspace.build, options.names):
        try:
            result = verify_manifest(path, view, stores, workspace.root, workspace.tools)
        except UserError as error:
            print(error.text())
            wrong += 1
            continue
        for difference in result.differences:
            print(difference.text())
        count = len(result.differences)
        verdict = f"{count} difference{'s' * (count != 1)}" if count else "all as recorded"
        print(f"{result.title}: {result.checked} digests and versions checked, {verdict}")
        wrong += count
    return 1 if wrong else 0


COMMAND = Command(
    "verify-manifest", "check a variant's manifest against the disk and this installation", _configure, _run
)
