"""`inrarch compare`: one page over many variants, from what has been built."""

from __future__ import annotations

import argparse
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from inrarch.cli.command import Command

if TYPE_CHECKING:
    from inrarch.engine.results import Result
    from inrarch.report.comparison import Entry


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="project, project@variant or a glob (default: all)")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="where to write the page [default: compare.html in build/]"
    )


def _run(options: argparse.Namespace) -> int:
    from inrarch.engine.loader import WorkspaceLoader
    from inrarch.engine.results import present_results
    from inrarch.errors import UserError
    from inrarch.paths import shown_path
    from inrarch.report.compare_page import render_comparison

    source = WorkspaceLoader().read()
    output: Path = Path.cwd() / (options.output or source.build / "compare.html")
    entries = [_entry(result, output.parent) for result in present_results(source, options.names)]
    known = sum(entry.metrics is not None for entry in entries)
    if not known:
        names = "".join(f" {shlex.quote(name)}" for name in options.names)
        raise UserError(
            f"none of {len(entries)} variants has a report of its present inputs", hint=f"doit build{names}"
        )
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(render_comparison(entries), encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot be written: {error.strerror}", place=shown_path(output)) from error
    count = f"{len(entries)} variant{'s' * (len(entries) != 1)}"
    print(f"{shown_path(output)}: {count}, {len(entries) - known} without a report")
    return 0


def _entry(result: Result, beside: Path) -> Entry:
    import json
    from urllib.parse import quote

    from inrarch.config.flat import flat_configuration
    from inrarch.report.comparison import Entry
    from inrarch.report.metrics import headline

    variant = result.variant
    configuration = flat_configuration(variant)
    if result.folder is None:
        state = "outdated" if result.outdated else "absent"
        return Entry(variant.project, variant.name, state, configuration)  # type: ignore[arg-type]
    report = json.loads((result.folder / "report.json").read_text(encoding="utf-8"))
    return Entry(
        variant.project,
        variant.name,
        "verified" if report["verdict"]["passed"] else "failed",
        configuration,
        page=quote(Path(os.path.relpath(result.folder / "index.html", beside)).as_posix()),
        verdict=report["verdict"]["summary"],
        metrics=headline(report),
        tolerance=variant.verification.tolerance,
    )


COMMAND = Command("compare", "write one page that compares what many variants have come to", _configure, _run)
