"""What an external tool is: how its executable is found, how its version is read, which versions are accepted."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from inrarch.errors import UserError
from inrarch.tools import process

FIRST_START_S = 600
"""Most seconds that a tool may take to say its version: one in WebAssembly compiles itself at its first start."""
CONFIGURED = "INRARCH_TOOLS"
"""Environment variable: JSON object tool name -> path, set from `tools:` of inrarch.yaml for every stage."""


def configured_paths() -> dict[str, str]:
    """The paths that the workspace gives for tools, by tool name."""
    value = os.environ.get(CONFIGURED)
    return dict(json.loads(value)) if value else {}


class ToolUnusableError(UserError):
    """A tool that is not installed, or too old."""


@dataclass(frozen=True, slots=True)
class Tool:
    """The declaration of an external tool.

    name: what stages and `inrarch.yaml` call it. executables: names looked up on PATH, in this order.
    version_pattern: regular expression whose first group is the version, matched on what
    `executable version_arguments` prints. minimum: oldest version accepted. package: what to install if it is missing.
    purpose: what it makes possible (for `inrarch doctor`).
    """

    name: str
    executables: tuple[str, ...]
    version_pattern: str
    package: str
    purpose: str
    minimum: str | None = None
    version_arguments: tuple[str, ...] = ("--version",)

    def find(self, configured: Mapping[str, str] | None = None) -> Path:
        """The executable: the configured path, else the first candidate on PATH or beside Python.

        Raises ToolUnusableError if there is none, UserError for a configured path that leads nowhere.
        """
        paths = configured_paths() if configured is None else configured
        if self.name in paths:
            given = paths[self.name]
            found = shutil.which(given)
            if found is None:
                raise UserError(
                    f"{self.name} is not an executable file at {given!r}",
                    expected="a path to the tool",
                    hint=f"mend `tools: {{{self.name}: ...}}` in inrarch.yaml",
                )
            return Path(found).absolute()
        # Tools that are wheels are beside Python, also where its environment is not active.
        places = os.pathsep.join((os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent)))
        for candidate in self.executables:
            found = shutil.which(candidate, path=places)
            if found is not None:
                return Path(found).absolute()
        raise ToolUnusableError(
            f"{self.name} is not installed ({' or '.join(self.executables)} not found on PATH)",
            hint=f"{self.package}, or give its path as `tools: {{{self.name}: ...}}` in inrarch.yaml",
        )

    def version(self, executable: Path) -> str:
        """The version that the executable reports.

        Raises UserError if it is unreadable, ToolUnusableError if it is older than `minimum`.
        """
        output = process.run(
            (executable, *self.version_arguments), name=self.name, timeout_s=FIRST_START_S, check=False
        ).output
        match = re.search(self.version_pattern, output)
        if match is None:
            raise UserError(
                f"{self.name}: no version in what `{executable} {' '.join(self.version_arguments)}` prints",
                excerpt=process.last_lines(output, 5) or None,
                hint=f"mend it: {self.package}, or give the path of another as `tools: {{{self.name}: ...}}`",
            )
        version = match.group(1)
        if self.minimum is not None and _numbers(version) < _numbers(self.minimum):
            raise ToolUnusableError(
                f"{self.name} is version {version} ({executable})",
                expected=f"{self.minimum} or newer",
                hint=self.package,
            )
        return version


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
