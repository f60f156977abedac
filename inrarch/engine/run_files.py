"""The records of earlier builds, `build/.runs/<id>.json`: their names, writing one whole, finding one by what is typed.

An id is the moment at which the build began, in UTC, to 1/65536 s: `20261121-130303-6ae1`; so ids sort by age. A build
that found nothing to do ends in `-idle`. schemas/run.schema.json says what a record holds.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inrarch.errors import UserError, did_you_mean

FORMAT = 1
"""Counted up when the meaning of a record changes."""

IDLE = "-idle"
"""The end of the id of a build that found nothing to do."""

MOST_IDLE = 20
"""So many records of builds that found nothing to do are kept; all others are kept for ever."""

Record = dict[str, Any]
"""What schemas/run.schema.json describes."""

_NAME = re.compile(r"(\d{8}-\d{6}-[0-9a-f]{4}(?:-idle)?)\.json")
_MOST_SHOWN = 6


def runs_folder(build: Path) -> Path:
    """Where the records of a build directory are."""
    return build / ".runs"


def make_id(began: datetime) -> str:
    """The id of a build that began then (a time with a zone)."""
    moment = began.astimezone(UTC)
    return f"{moment:%Y%m%d-%H%M%S}-{moment.microsecond * 0x10000 // 1_000_000:04x}"


def write_record(build: Path, record: Mapping[str, Any], *, sync: bool = True) -> None:
    """Write one record: whole, or not at all. Raises OSError. sync: wait until it has reached the disk."""
    folder = runs_folder(build)
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{record['id']}.new"
    try:
        with fresh.open("w", encoding="utf-8") as stream:
            stream.write(json.dumps(record, indent=1) + "\n")
            if sync:
                stream.flush()
                os.fsync(stream.fileno())
        fresh.replace(folder / f"{record['id']}.json")
    finally:
        with suppress(OSError):
            fresh.unlink()


def run_ids(build: Path) -> list[str]:
    """The ids of all records, newest first."""
    with suppress(OSError):
        names = [_NAME.fullmatch(name) for name in os.listdir(runs_folder(build))]
        return sorted((match[1] for match in names if match), reverse=True)
    return []


def drop_old_idle(build: Path) -> None:
    """Remove the oldest records of builds that found nothing to do, but for the newest `MOST_IDLE`."""
    for name in [name for name in run_ids(build) if name.endswith(IDLE)][MOST_IDLE:]:
        with suppress(OSError):
            (runs_folder(build) / f"{name}.json").unlink()


def read_record(build: Path, name: str) -> Record:
    """The record of that id. A build that was killed says so. Raises UserError when it cannot be read."""
    path = runs_folder(build) / f"{name}.json"
    try:
        record: Record = json.loads(path.read_bytes())
        if record["format"] != FORMAT:
            raise UserError("was written by another version of inrarch", place=str(path))
        if record["status"] == "running" and not _is_alive(record["pid"], record["host"]):
            record["status"] = "killed"
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", place=str(path)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise UserError("is not the record of a build", place=str(path), hint="remove the file") from error
    return record


def find_id(build: Path, typed: str) -> str:
    """The id that a person means: `last`, `last-1` (the one before), or the beginning or the end of an id.

    `last` counts the builds in which something happened. Raises UserError when there is none, or more than one.
    """
    ids = run_ids(build)
    busy = [name for name in ids if not name.endswith(IDLE)]
    back = re.fullmatch(r"last(?:-(\d{1,6}))?", typed)
    if back:
        number = int(back[1] or 0)
        if number < len(busy):
            return busy[number]
        raise UserError(f"there is no run {typed!r}", expected=_known(busy), hint="`inrarch runs` lists them")
    if typed in ids:
        return typed
    found = [name for name in ids if typed and (name.startswith(typed) or name.removesuffix(IDLE).endswith(typed))]
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(f"{typed!r} stands for {len(found)} runs", expected=f"one of {_shown(found)}")
    hint = did_you_mean(typed, ids) or "`inrarch runs` lists them"
    raise UserError(f"there is no run {typed!r}", expected=_known(ids), hint=hint)


def _known(ids: Sequence[str]) -> str:
    if not ids:
        return "a build to have run before"
    return f"last, last-1, ..., or the beginning or end of one of {_shown(ids)}"


def _shown(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _MOST_SHOWN} more" if len(ids) > _MOST_SHOWN else ""
    return f"{', '.join(ids[:_MOST_SHOWN])}{more}"


def _is_alive(pid: int, host: str) -> bool:
    """Whether the process still is; one of another host counts as alive: that cannot be told from here."""
    if host != os.uname().nodename:
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
