"""`inrarch check`: validates the workspace, its projects and the boards, in well under a second."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from inrarch.cli.command import Command

if TYPE_CHECKING:
    from inrarch.config.model import Project, Variant, Workspace
    from inrarch.errors import UserError


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", metavar="NAME", nargs="*", help="project, project@variant or a glob; default: all")


def _run(options: argparse.Namespace) -> int:
    from inrarch.config.load import find_root, load_workspace
    from inrarch.config.select import select_variants
    from inrarch.errors import combined
    from inrarch.paths import shown_path
    from inrarch.tools import tools

    workspace = load_workspace(find_root(), tools=tools())
    if options.names:
        chosen = set(select_variants(workspace, options.names))
        for project in workspace.projects:
            variants = [variant for variant in project.variants if variant in chosen]
            if variants:
                _print_project(project, variants)
        return 0
    if workspace.file:
        print(f"ok     {shown_path(workspace.file)}")
    errors = _check_boards(workspace)
    for project in workspace.projects:
        _print_project(project, project.variants)
    for broken in workspace.broken:
        print(f"WRONG  {shown_path(broken.file)}")
        errors.append(broken.error)
    if errors:
        raise combined(errors)
    variants = [variant for project in workspace.projects for variant in project.variants]
    print(f"{_counted(len(workspace.projects), 'project')}, {_counted(len(variants), 'variant')}: nothing wrong")
    return 0


def _check_boards(workspace: Workspace) -> list[UserError]:
    from inrarch.boards import board_files, read_board
    from inrarch.errors import UserError
    from inrarch.paths import shown_path

    good, errors = [], []
    for name, file in board_files(workspace.boards).items():
        try:
            read_board(file)
            good.append(name)
        except UserError as error:
            print(f"WRONG  {shown_path(file)}")
            errors.append(error)
    print(f"ok     boards: {', '.join(good)}")
    return errors


def _print_project(project: Project, variants: list[Variant] | tuple[Variant, ...]) -> None:
    from inrarch.paths import shown_path

    print(f"ok     {shown_path(project.file)}")
    width = max(len(variant.full_name) for variant in variants)
    for variant in variants:
        asked = variant.derivatives
        what = ", ".join(asked.outputs or (name for name, _ in asked.terms)) or f"order {asked.order}"
        print(f"         {variant.full_name:<{width}}  {what} on {variant.board.name} at {variant.clock_mhz:g} MHz")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count != 1 else ''}"


COMMAND = Command("check", "validate the configuration of all projects, without building", _configure, _run)
