"""A run of a stage as bytes, for machines without a common file system: packed there, unpacked and run here.

A parcel is a ZIP archive with `step.json`, whose paths are relative to the folder where it is unpacked, `inputs/`
and `files/`. What comes back is a ZIP archive with `ended.json` (exit code, seconds), `log.txt`, and, if the stage has
ended well, `result.json` and `payload/`.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from inrarch.engine.child import run_here
from inrarch.engine.digest import list_files
from inrarch.engine.executors.executor import Ended
from inrarch.engine.step import Description, read_description
from inrarch.errors import UserError

_LEVEL = 1


def pack(folder: Path) -> bytes:
    """The run that `step.json` in a folder describes, with all that it reads."""
    description = read_description(folder / "step.json")
    inputs = {name: f"inputs/{index}" for index, name in enumerate(description.inputs)}
    # A model finds the files with its weights by their place beside it, so files keep their places.
    parents = [os.path.dirname(path) for path in description.files.values()]
    common = os.path.commonpath(parents) if parents else ""
    files = {name: f"files/{os.path.relpath(path, common)}" for name, path in description.files.items()}
    moved = replace(description, inputs=inputs, files=files, output="payload", scratch="scratch", result="result.json")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        archive.writestr("step.json", moved.text())
        for name, target in inputs.items():
            _add(archive, Path(description.inputs[name]), target)
        for name, target in files.items():
            _add(archive, Path(description.files[name]), target)
    return buffer.getvalue()


def run_packed(parcel: bytes, tools: Mapping[str, str], started: Callable[[int], None] | None = None) -> bytes:
    """Run a packed stage in a temporary folder of this machine; returns its packed end. See `run_here`."""
    with tempfile.TemporaryDirectory(prefix="inrarch-") as name:
        folder = Path(name).resolve()
        with zipfile.ZipFile(io.BytesIO(parcel)) as archive:
            archive.extractall(folder)
        description = read_description(folder / "step.json")
        _at(description, folder).write(folder / "step.json")
        ended = run_here(folder, tools, started)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
            archive.writestr("ended.json", json.dumps({"exit_code": ended.exit_code, "seconds": ended.seconds}))
            kept = ("log.txt", "result.json", "payload") if ended.exit_code == 0 else ("log.txt",)
            for each in kept:
                if (folder / each).exists():
                    _add(archive, folder / each, each)
        return buffer.getvalue()


def unpack_end(parcel: bytes, folder: Path) -> Ended:
    """Put what came back into the folder of the run. UserError when it is not whole."""
    try:
        with zipfile.ZipFile(io.BytesIO(parcel)) as archive:
            ended = json.loads(archive.read("ended.json"))
            archive.extractall(folder, [name for name in archive.namelist() if name != "ended.json"])
        return Ended(int(ended["exit_code"]), float(ended["seconds"]))
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise UserError(f"what came back from the stage is not whole ({error})", exit_code=2) from error


def run_stream() -> int:
    """`inrarch step -`: a packed stage on stdin, its packed end on stdout; returns the exit code of the transport."""
    from inrarch.tools.tool import configured_paths

    parcel = sys.stdin.buffer.read()
    try:
        result = run_packed(parcel, configured_paths())
    except zipfile.BadZipFile as error:
        raise UserError(f"what stands on the standard input is not a packed stage ({error})") from error
    with suppress(BrokenPipeError):
        sys.stdout.buffer.write(result)
        sys.stdout.buffer.flush()
    return 0


def _at(description: Description, folder: Path) -> Description:
    """The description with its relative paths made absolute."""
    return replace(
        description,
        inputs={name: str(folder / path) for name, path in description.inputs.items()},
        files={name: str(folder / path) for name, path in description.files.items()},
        output=str(folder / description.output),
        scratch=str(folder / description.scratch),
        result=str(folder / description.result),
    )


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    if path.is_dir():
        archive.writestr(f"{name}/", b"")
        for below, file in list_files(path).items():
            archive.write(file, f"{name}/{below}")
    else:
        archive.write(path, name)
