"""`inrarch runs`: the builds there were; one of them; two side by side; all of them for other programs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from inrarch.cli.command import Command

if TYPE_CHECKING:
    from inrarch.config.model import Workspace
    from inrarch.engine.run_files import Record

_ID_HELP = "the beginning or end of an id, or last, last-1, ..."
_FEW = 20


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(act=_list, number=_FEW)
    parser.add_argument("-n", "--number", type=int, metavar="N", help=f"the newest N [default: {_FEW}; 0: all]")
    actions = parser.add_subparsers(metavar="show | compare | export")
    show = actions.add_parser("show", help="one run: its variants, figures, and why each stage ran")
    show.add_argument("id", metavar="ID", nargs="?", default="last", help=f"{_ID_HELP} [default: last]")
    show.set_defaults(act=_show)
    compare = actions.add_parser("compare", help="two runs: the configuration keys and the figures that differ")
    compare.add_argument("before", metavar="A", nargs="?", default="last-1", help=f"{_ID_HELP} [default: last-1]")
    compare.add_argument("after", metavar="B", nargs="?", default="last", help="the same [default: last]")
    compare.set_defaults(act=_compare)
    export = actions.add_parser("export", help="as CSV, a row per run and variant; or into MLflow")
    export.add_argument("ids", metavar="ID", nargs="*", help=f"{_ID_HELP} [default: all]")
    where = export.add_mutually_exclusive_group()
    where.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the CSV to a file")
    where.add_argument("--mlflow", metavar="URI", help="send to this tracking store: sqlite:///runs.db, http://...")
    export.add_argument("--experiment", metavar="NAME", help="MLflow's experiment [default: the project]")
    export.set_defaults(act=_export)


def _run(options: argparse.Namespace) -> int:
    from inrarch.config.load import find_root, load_workspace

    code: int = options.act(options, load_workspace(find_root()))
    return code


def _list(options: argparse.Namespace, workspace: Workspace) -> int:
    from inrarch.engine.run_files import run_ids
    from inrarch.report.run_text import list_text

    ids = run_ids(workspace.build)
    if not ids:
        print("no build has run here yet")
        return 0
    shown = ids[: options.number] if options.number > 0 else ids
    print(list_text(_readable(workspace.build, shown)))
    if len(shown) < len(ids):
        print(f"... and {len(ids) - len(shown)} older ones: `inrarch runs -n 0`")
    return 0


def _show(options: argparse.Namespace, workspace: Workspace) -> int:
    from inrarch.engine.run_files import find_id, read_record
    from inrarch.report.run_text import show_text

    print(show_text(read_record(workspace.build, find_id(workspace.build, options.id))))
    return 0


def _compare(options: argparse.Namespace, workspace: Workspace) -> int:
    from inrarch.engine.run_compare import compare_records
    from inrarch.engine.run_files import find_id, read_record
    from inrarch.report.run_text import compare_text

    before, after = (
        read_record(workspace.build, find_id(workspace.build, typed)) for typed in (options.before, options.after)
    )
    print(compare_text(before, after, compare_records(before, after)))
    return 0


def _export(options: argparse.Namespace, workspace: Workspace) -> int:
    from inrarch.engine.run_files import find_id, run_ids

    ids = [find_id(workspace.build, typed) for typed in options.ids] or run_ids(workspace.build)
    records = _readable(workspace.build, sorted(set(ids)))
    if options.mlflow is not None:
        from inrarch.engine.mlflow_export import export_runs
        from inrarch.engine.stores import Stores

        stores = Stores.of_build(workspace.build, workspace.store)
        sent = export_runs(records, options.mlflow, stores, options.experiment)
        print(f"{sent} runs sent, {sum(len(record['variants']) for record in records) - sent} were there already")
        return 0
    return _write_csv(records, options.output)


def _write_csv(records: list[Record], output: Path | None) -> int:
    from inrarch.errors import UserError
    from inrarch.report.run_csv import write_csv

    if output is None:
        write_csv(records, sys.stdout)
        return 0
    try:
        with output.open("w", encoding="utf-8", newline="") as stream:
            rows = write_csv(records, stream)
    except OSError as error:
        raise UserError(f"cannot be written: {error.strerror}", place=str(output)) from error
    print(f"{output}: {rows} rows")
    return 0


def _readable(build: Path, ids: list[str]) -> list[Record]:
    """The records that can be read; the others are told."""
    from inrarch.engine.run_files import read_record
    from inrarch.errors import UserError

    records = []
    for name in ids:
        try:
            records.append(read_record(build, name))
        except UserError as error:
            print(error.text(), file=sys.stderr)
    return records


COMMAND = Command("runs", "list, show, compare and export the builds that have run", _configure, _run)
