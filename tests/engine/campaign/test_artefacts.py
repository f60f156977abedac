"""Artefacts that are damaged on disk: exactly they are made again."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.engine.campaign.field import TALLY, Field

Harm = Callable[[Path], object]


def change_record(change: Callable[[dict[str, Any]], object]) -> Harm:
    def harm(entry: Path) -> None:
        record = json.loads((entry / "record.json").read_text())
        change(record)
        (entry / "record.json").write_text(json.dumps(record))

    return harm


def replace(name: str, make: Callable[[Path], object]) -> Harm:
    """Remove a file or folder of the artefact (or itself) and make something else in its place."""

    def harm(entry: Path) -> None:
        path = entry / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
        make(path)

    return harm


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[random.Random(3).randrange(len(data))] ^= 1
    path.write_bytes(data)


def nothing(path: Path) -> None:
    pass


HARMS: dict[str, Harm] = {
    "record: truncated": lambda entry: os.truncate(entry / "record.json", 100),
    "record: empty": lambda entry: os.truncate(entry / "record.json", 0),
    "record: lost": replace("record.json", nothing),
    "record: a folder": replace("record.json", Path.mkdir),
    "record: nested without end": lambda entry: (entry / "record.json").write_text("[" * 100_000),
    "record: a list": lambda entry: (entry / "record.json").write_text("[]"),
    "record: no sizes": change_record(lambda record: [one.pop("bytes") for one in record["payload"]["files"].values()]),
    "record: no provenance": change_record(lambda record: record.pop("provenance")),
    "record: other settings": change_record(lambda record: record["ingredients"]["settings"].update(scale=9)),
    "payload: truncated": lambda entry: os.truncate(entry / "payload" / "part3.bin", 4096),
    "payload: one bit": lambda entry: flip(entry / "payload" / "part3.bin"),
    "payload: a file lost": replace("payload/part1.bin", nothing),
    "payload: a file too many": lambda entry: (entry / "payload" / "more").write_text(""),
    "payload: a folder for a file": replace("payload/part1.bin", Path.mkdir),
    "payload: a pipe for a file": replace("payload/part1.bin", os.mkfifo),
    "payload: a link to nowhere": replace("payload/part1.bin", lambda path: path.symlink_to("nowhere")),
    "payload: lost": replace("payload", nothing),
    "payload: a file": replace("payload", Path.touch),
    "artefact: lost": replace("", nothing),
    "artefact: a file": replace("", Path.touch),
    "artefact: a link to nowhere": replace("", lambda path: path.symlink_to("nowhere")),
}


def test_a_damaged_artefact_is_made_again_and_nothing_else(field: Field) -> None:
    field.build()
    entry = (field.build_folder / "p" / "v0" / "first").resolve().parent
    for name, harm in HARMS.items():
        before = len(field.executions())
        harm(entry)
        text = field.build("p@v0", "--until", "first")
        assert [line.split()[0] for line in field.executions()[before:]] == ["first"], name
        assert "the artefact " in text, name
        TALLY["damaged artefacts"] += 1
    before = len(field.executions())
    field.build()
    assert len(field.executions()) == before
    field.check()
    assert field.results() == field.expected
