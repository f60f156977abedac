"""What a stage of the pipeline is: a pure function from files and a slice of configuration to one directory."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inrarch.config.model import Variant

Settings = dict[str, Any]
"""A JSON-serialisable slice of configuration: no absolute path, nothing that changes between equal runs."""


NOT_RUN = "not_run.json"
"""The only file of the artefact of a stage that was not run: an object with its `reason`."""


class NotRunError(Exception):
    """Raised by `Stage.run` for what it cannot do here or for this variant, and need not: its artefact says why."""


def reason_not_run(artefact: Path) -> str | None:
    """Why a stage was not run, from its artefact directory; None where it was."""
    file = artefact / NOT_RUN
    return json.loads(file.read_text(encoding="utf-8"))["reason"] if file.exists() else None


@dataclass(frozen=True, slots=True)
class StageRun:
    """What one run of a stage may read and where it writes.

    inputs
        Artefact directory of each upstream stage, by stage name. Read only.
    files
        The external files that the stage declared, by key. Read only.
    settings
        The slice of configuration, exactly what `Stage.settings` returned.
    output
        An empty directory; its content becomes the artefact. Must be byte-deterministic.
    scratch
        An empty directory that is thrown away afterwards (objects, executables).
    """

    inputs: Mapping[str, Path]
    files: Mapping[str, Path]
    settings: Settings
    output: Path
    scratch: Path


def no_files(variant: Variant) -> dict[str, Path]:
    """For stages that read no external file."""
    return {}


@dataclass(frozen=True, slots=True)
class Needs:
    """What one run of a stage occupies: processor cores, main memory in MiB, licences of tools by name.

    The executor holds a stage back until all of it is free. inrarch.yaml overrides it (`stages:`).
    """

    cores: int = 1
    memory_mb: int = 512
    licences: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stage:
    """The declaration of a stage.

    run
        The function. It prints to stdout/stderr freely (both go to the stage's log), returns a one-line summary
        with the figures a user wants to see (or None), and raises `UserError` for what the user can mend.
    tools
        Names in `inrarch.tools` whose versions belong to the fingerprint.
    optional_tools
        The same, of tools without which the build goes on: the stage counts as not run where one is missing or too old
        (`NotRunError`), and runs when it is there.
    data
        Data folders of the package it reads (`kernel_lib`, `schemas`, `boards`); their content counts too.
    needs
        What one run of it occupies; no part of the fingerprint.
    """

    name: str
    title: str
    run: Callable[[StageRun], str | None]
    settings: Callable[[Variant], Settings]
    after: tuple[str, ...] = ()
    files: Callable[[Variant], dict[str, Path]] = no_files
    tools: tuple[str, ...] = ()
    optional_tools: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    needs: Needs = Needs()
