"""The command line `inrarch`: finds the subcommands by scanning, tells a user's mistakes without a traceback."""

from __future__ import annotations

import argparse
import io
import os
import pkgutil
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

import inrarch
from inrarch import cli
from inrarch.cli.command import Command
from inrarch.errors import UserError
from inrarch.output import give_up_output

_NOT_COMMANDS = {"command", "main"}


def command_names() -> list[str]:
    """The names of all subcommands, sorted."""
    modules = [module.name for module in pkgutil.iter_modules(cli.__path__) if module.name not in _NOT_COMMANDS]
    return sorted(name.replace("_", "-") for name in modules)


def commands(names: Sequence[str]) -> Mapping[str, Command]:
    """The subcommands of these names. A module that does not import, or declares another name, is an error."""
    found: dict[str, Command] = {}
    for name in names:
        module = name.replace("-", "_")
        command: Command = import_module(f"inrarch.cli.{module}").COMMAND
        if command.name != name:
            raise ValueError(f"inrarch/cli/{module}.py declares a command of another name: {command.name!r}")
        found[name] = command
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line (default: that of the process); returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # A stream that was closed is None: `inrarch build >&-`.
    sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    names = command_names()
    # Only the command that was asked for is imported: the others would cost time.
    parser = _parser(commands(given[:1] if given and given[0] in names else names))
    options = parser.parse_args(given)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except UserError as error:
        print(error.text(), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        return give_up_output(error)
    return code


def _parser(known: Mapping[str, Command]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="inrarch", description=inrarch.__doc__)
    parser.add_argument("--version", action="version", version=f"inrarch {inrarch.__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, command in known.items():
        subparser = subparsers.add_parser(name, help=command.summary, description=command.summary)
        command.configure(subparser)
        subparser.set_defaults(run=command.run)
    return parser
