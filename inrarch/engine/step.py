"""Running one stage from its description, in this process: what `inrarch step FILE` does in a child of the build.

A description is a JSON object: `stage`, `module` (exports STAGE), `inputs` and `files` (paths by name), `settings`,
`output` (the folder that becomes the artefact), `scratch`, `result` (the file for the summary), and `expected`: the
code and versions that the fingerprint of the artefact names; where it is not null, a machine with others refuses.
`not_run`: why the stage is left out; null where it is not.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Mapping
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
    expected: Mapping[str, Any] | None = None
    not_run: str | None = None

    def text(self) -> str:
        """As JSON."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(values, indent=1, sort_keys=True) + "\n"

    def write(self, path: Path) -> None:
        """Save as JSON."""
        path.write_text(self.text(), encoding="utf-8")


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
    began = time.monotonic()
    description = read_description(path)
    _die_cleanly_when_asked()
    home = path.resolve().parent
    for folder in (Path(description.output), Path(description.scratch)):
        _make_empty(folder, home)
    try:
        if description.expected is not None:
            demand_equal(description.module, description.expected)
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
    result = {"summary": summary, "seconds": round(time.monotonic() - began, 3), **_where()}
    Path(description.result).write_text(json.dumps(result) + "\n", encoding="utf-8")
    return 0


def _where() -> dict[str, Any]:
    """The machine, and how much memory the stage or one of its tools had at most."""
    # Linux counts in KiB, macOS in bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "host": platform.node(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "peak_memory_mb": round(peak / unit),
    }


def demand_equal(module: str, expected: Mapping[str, Any]) -> None:
    """UserError if code, data, tools or libraries here are not those that the fingerprint names."""
    from inrarch.engine.digest import DigestCache
    from inrarch.engine.fingerprint import differences
    from inrarch.engine.ingredients import IngredientReader
    from inrarch.engine.stage import Stage
    from inrarch.tools.tool import configured_paths

    hint = "install the same inrarch, libraries and tools there"
    try:
        stage: Stage = import_module(module).STAGE
    except ImportError as error:
        found = f"this machine cannot run the stage: {error}"
        raise UserError(found, place=platform.node(), hint=hint, exit_code=BROKEN) from error
    digests = DigestCache(Path(os.devnull), writable=False)
    reader = IngredientReader(module.rpartition(".")[0], configured_paths(), digests)
    same: dict[str, Any] = {"format": 0, "settings": {}, "files": {}, "inputs": {}}
    changed = differences({**same, **expected}, {**same, **reader.surroundings(stage)})
    if changed:
        raise UserError(
            "this machine cannot make what was asked for: it differs from the one that builds",
            place=platform.node(),
            excerpt="\n".join(f"    {phrase}" for phrase in changed),
            hint=hint,
            exit_code=BROKEN,
        )


def _call(description: Description) -> str | None:
    """Run the stage; where it cannot be run and need not, its artefact tells why."""
    from inrarch.engine.stage import NOT_RUN, NotRunError, Stage, StageRun

    stage: Stage = import_module(description.module).STAGE
    output = Path(description.output)
    try:
        if description.not_run is not None:
            raise NotRunError(description.not_run)
        return stage.run(
            StageRun(
                inputs={name: Path(path) for name, path in description.inputs.items()},
                files={name: Path(path) for name, path in description.files.items()},
                settings=description.settings,
                output=output,
                scratch=Path(description.scratch),
            )
        )
    except NotRunError as error:
        reason = str(error)
    _make_empty(output, output.resolve().parent)
    (output / NOT_RUN).write_text(json.dumps({"reason": reason}) + "\n", encoding="utf-8")
    return f"not run: {reason}"


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
