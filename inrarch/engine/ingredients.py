"""Reads what the fingerprint of a job is made of: settings, files, inputs, code, data folders, versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from inrarch.engine.code import StageCode, stage_code
from inrarch.engine.digest import DigestCache
from inrarch.engine.fingerprint import FORMAT, Ingredients, Part
from inrarch.engine.plan import Job
from inrarch.engine.stage import Stage
from inrarch.engine.store import Artefact
from inrarch.resources import data_folder
from inrarch.tools import tools
from inrarch.tools.tool import ToolUnusableError

T = TypeVar("T")

UNUSABLE = "none"
"""The version of an optional tool that is missing or too old."""

SURROUNDINGS = ("code", "data", "tools", "libraries")
"""The ingredients that belong to the machine that runs the stage, not to the job."""


class IngredientReader:
    """Code, data and versions are read once per stage, unless asked afresh.

    package: the package of the stages. configured: paths of tools given by the workspace, by tool name.
    """

    def __init__(self, package: str, configured: Mapping[str, str], digests: DigestCache) -> None:
        self._package = package
        self._configured = configured
        self._digests = digests
        self._code: dict[str, StageCode] = {}
        self._data: dict[str, Part] = {}
        self._versions: dict[str, str] = {}

    def read(self, job: Job, inputs: Mapping[str, Artefact], *, fresh: bool = False) -> Ingredients:
        """Everything that the artefact of a job depends on; `inputs` are the artefacts that it reads, by stage.

        Raises UserError for a file that cannot be read or a tool that is missing or too old.
        """
        stage = job.stage
        return {
            "format": FORMAT,
            "stage": stage.name,
            "settings": stage.settings(job.variant),
            "files": {name: self._digests.path(path) for name, path in stage.files(job.variant).items()},
            "inputs": {name: artefact.digest for name, artefact in inputs.items()},
            **self.surroundings(stage, fresh=fresh),
        }

    def surroundings(self, stage: Stage, *, fresh: bool = False) -> dict[str, dict[str, str]]:
        """What the artefact depends on beside its inputs: `code`, `data`, versions of `tools` and `libraries`."""
        code = _kept(self._code, stage.name, fresh, self._read_code)
        data = _kept(self._data, " ".join(stage.data), fresh, self._read_data)
        versions = {tool: _kept(self._versions, tool, fresh, self._read_version) for tool in stage.tools}
        versions |= {tool: _kept(self._versions, tool, fresh, self._read_optional) for tool in stage.optional_tools}
        return {"code": code.files, "data": data, "tools": versions, "libraries": code.libraries}

    def _read_code(self, stage: str) -> StageCode:
        code = stage_code(f"{self._package}.{stage}", self._digests)
        return StageCode(Part(code.files), Part(code.libraries))

    def _read_data(self, folders: str) -> Part:
        files = {folder: self._digests.files(data_folder(folder)) for folder in folders.split()}
        return Part({f"{folder}/{name}": digest for folder, found in files.items() for name, digest in found.items()})

    def _read_optional(self, name: str) -> str:
        try:
            return self._read_version(name)
        except ToolUnusableError:
            return UNUSABLE

    def _read_version(self, name: str) -> str:
        """The version of a tool; asked again only when the executable or the declaration of the tool is another one."""
        tool = tools()[name]
        executable = tool.find(self._configured)
        status = executable.stat()
        key = f"version of {tool} {executable} {status.st_dev} {status.st_ino} {status.st_size}"
        key += f" {status.st_mtime_ns} {status.st_ctime_ns}"
        return self._digests.note(key, lambda: tool.version(executable))


def reason_to_leave_out(stage: Stage, ingredients: Ingredients) -> str | None:
    """Why a stage cannot be run: the first of its optional tools that cannot be used, with what to install."""
    for name in stage.optional_tools:
        if ingredients["tools"][name] == UNUSABLE:
            return f"{name} is missing or too old ({tools()[name].package})"
    return None


def _kept(kept: dict[str, T], key: str, fresh: bool, read: Callable[[str], T]) -> T:
    """The value of a key, read when it is not there yet or must be fresh."""
    if fresh or key not in kept:
        kept[key] = read(key)
    return kept[key]
