"""doit with our plugins, for people who installed the package: the same commands without any configuration file."""

from __future__ import annotations

from collections.abc import Sequence

from doit.cmd_help import Help
from doit.doit_cmd import DoitMain

from inrarch.engine.loader import WorkspaceLoader
from inrarch.errors import UserError

PLUGINS = {
    "COMMAND": {
        "build": "inrarch.engine.commands:Build",
        "run": "inrarch.engine.commands:Build",
        "clean": "inrarch.engine.commands:Clean",
        "forget": "inrarch.engine.commands:Forget",
        "gc": "inrarch.engine.commands:Gc",
        "info": "inrarch.engine.commands:NamedInfo",
        "list": "inrarch.engine.commands:Listing",
        "why": "inrarch.engine.commands:Why",
    },
    "BACKEND": {"inrarch": "inrarch.engine.backend:CommittingBackend"},
    "REPORTER": {"inrarch": "inrarch.engine.reporter:StageReporter"},
}
"""What `[tool.doit.plugins]` of pyproject.toml says, for doit's API."""


class Program(DoitMain):  # type: ignore[misc]
    """doit under our name."""

    BIN_NAME = "inrarch"
    DOIT_CMDS = (Help,)


def run_doit(arguments: Sequence[str], loader: WorkspaceLoader | None = None) -> int:
    """Run one command line, e.g. `["build", "-n", "4", "siren_tiny"]`; returns the exit code."""
    if "" in arguments:
        raise UserError("a name is empty", expected="project, project@variant or a glob")
    program = Program(loader or WorkspaceLoader(), config_filenames=(), extra_config=PLUGINS)
    code: int = program.run(list(arguments))
    return code or 0
