"""`inrarch doctor`: what this machine has, what is missing, and what that would make possible."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from inrarch.cli.command import Command
from inrarch.errors import UserError

_GIB = 2**30


def _configure(parser: argparse.ArgumentParser) -> None:
    """No options."""


def _run(options: argparse.Namespace) -> int:
    for title, value in [*_machine(), *_libraries()]:
        print(f"{title:<14} {value}")
    return 1 if _print_tools() else 0


def _machine() -> list[tuple[str, str]]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB
    return [
        ("python", f"{platform.python_version()} on {platform.platform()}"),
        ("cores", str(os.cpu_count())),
        ("memory", f"{memory:.1f} GiB"),
        ("disk", f"{shutil.disk_usage(Path.cwd()).free / _GIB:.1f} GiB free here"),
    ]


def _libraries() -> list[tuple[str, str]]:
    """The libraries that inrarch requires, with their versions."""
    try:
        needed = [line for line in requires("inrarch") or () if "extra ==" not in line]
    except PackageNotFoundError:
        return [("inrarch", "runs from its source folder, not installed")]
    names = [line.partition(">")[0].strip() for line in needed]
    return [(name, version(name)) for name in names]


def _print_tools() -> int:
    """Print every tool; returns how many are missing or too old."""
    from inrarch.tools import tools

    configured = _configured()
    faults = 0
    for tool in tools().values():
        try:
            executable = tool.find(configured)
            print(f"{tool.name:<14} {tool.version(executable)} ({executable})")
        except UserError as error:
            faults += 1
            print(f"{tool.name:<14} MISSING, needed for: {tool.purpose}\n{error.text()}".replace("\n", "\n    "))
    return faults


def _configured() -> dict[str, str]:
    """The paths of tools that the workspace here gives; none where there is no workspace."""
    from inrarch.config.load import find_root, load_workspace
    from inrarch.tools import tools

    try:
        root = find_root()
    except UserError:
        return {}
    return dict(load_workspace(root, tools=tools()).tools)


COMMAND = Command("doctor", "show what this machine has, and what is missing for what", _configure, _run)
