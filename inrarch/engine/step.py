"""Running one stage from its description, in this process: what `inrarch step FILE` does in a child of the build.

A description is a JSON object: `stage`, `module` (exports STAGE), `inputs` and `files` (paths by name), `settings`,
`output` (the folder that becomes the artefact), `scratch`, `result` (the file for the summary).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import traceback
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

from inrarch.engine.trouble import NO_SPACE
from inrarch.errors import UserError

FAILED, BROKEN = 1, 2
"""Exit codes: the user can mend it (the log ends with how); a fault of the stage (the log ends with a traceback)."""


@dataclass(frozen=True, slots=True)
class Description:
    """All that one run of a stage needs."""

    stage: str
    module: str
    inputs: dict[str, str]
    files: dict[str, str]
    settings: dict[str, Any]
    output: str
    scratch: str
    result: str

    def write(self, path: Path) -> None:
        """Save as JSON."""
        values = {name: getattr(self, name) for name in self.__slots__}
        path.write_text(json.dumps(values, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read_description(path: Path) -> Description:
    """Load a description; UserError when the file is not one."""
    try:
        return Description(**json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", place=str(path)) from error
    except (ValueError, TypeError) as error:
        raise UserError(
            f"is not the description of a stage ({error})",
            place=str(path),
            hint="a failed stage leaves one: build/.failed/PROJECT/VARIANT/STAGE/step.json",
        ) from error


def run_step(path: Path) -> int:
    """Run the stage that a description file describes; returns the exit code.

    What the stage prints goes to our stdout and stderr. Folders `output` and `scratch` beside the description are
    emptied first; anywhere else they must be absent or empty.
    """
    description = read_description(path)
    _die_cleanly_when_asked()
    home = path.resolve().parent
    for folder in (Path(description.output), Path(description.scratch)):
        _make_empty(folder, home)
    try:
        summary = _call(description)
    except UserError as error:
        print(error.text(), file=sys.stderr, flush=True)
        return BROKEN if error.exit_code == BROKEN else FAILED
    except OSError as error:
        if error.errno not in NO_SPACE:
            traceback.print_exc()
            return BROKEN
        print(f"{error.filename or 'output'}: {error.strerror}", file=sys.stderr, flush=True)
        return FAILED
    except Exception:
        traceback.print_exc()
        return BROKEN
    Path(description.result).write_text(json.dumps({"summary": summary}) + "\n", encoding="utf-8")
    return 0


def _call(description: Description) -> str | None:
    from inrarch.engine.stage import Stage, StageRun

    stage: Stage = import_module(description.module).STAGE
    return stage.run(
        StageRun(
            inputs={name: Path(path) for name, path in description.inputs.items()},
            files={name: Path(path) for name, path in description.files.items()},
            settings=description.settings,
            output=Path(description.output),
            scratch=Path(description.scratch),
        )
    )


def _make_empty(folder: Path, home: Path) -> None:
    if folder.is_dir() and folder.resolve().parent == home:
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if os.listdir(folder):
        raise UserError("is not empty", place=str(folder), expected="an empty folder for the output of the stage")


def _die_cleanly_when_asked() -> None:
    """SIGTERM ends the tools that the stage has started, then the stage."""
    from inrarch.tools import process

    def end(number: int, frame: FrameType | None) -> None:
        process.signal_all(signal.SIGTERM)
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)
