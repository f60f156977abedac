"""The artefact store: `build/.store/<fingerprint>/` with `payload/`, `record.json` and `log.txt`.

An artefact is written elsewhere and published by one rename after everything has reached the disk: it is there as a
whole or not at all. The record checks itself (its ingredients give its name) and the payload (a digest per file), so an
artefact that was edited, truncated or lost is noticed and counts as absent.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inrarch.engine.digest import DigestCache, list_files, tree_digest
from inrarch.engine.fingerprint import FORMAT, Ingredients, fingerprint
from inrarch.errors import UserError

FORGOTTEN = "forgotten"
"""A file of this name in an artefact: it counts as absent (`doit forget`), though its files stay until replaced."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """One result. digest: of the payload's content. record: what `record.json` says, maybe without the ingredients."""

    fingerprint: str
    folder: Path
    digest: str
    record: Mapping[str, Any] = field(compare=False)

    @property
    def payload(self) -> Path:
        """The folder that the stage wrote."""
        return self.folder / "payload"


class Store:
    """Artefacts by fingerprint. `find` may be called from any thread; publishing is serialised by the caller."""

    def __init__(self, folder: Path, trash: Path, digests: DigestCache) -> None:
        self.folder = folder
        self._trash = trash
        self._digests = digests

    def find(self, name: str) -> Artefact | None:
        """The artefact of that fingerprint if it is whole; None if it is absent, damaged or forgotten."""
        artefact, fault = self.inspect(name)
        return None if fault else artefact

    def inspect(self, name: str) -> tuple[Artefact | None, str | None]:
        """The artefact, and what is wrong with it (a phrase) or None."""
        folder = self.folder / name
        record = self._summary(name)
        if record is None:
            present = os.path.lexists(folder)
            return None, "the artefact was damaged (record.json)" if present else "the artefact is gone"
        artefact = Artefact(name, folder, record["payload"]["digest"], record)
        if (folder / FORGOTTEN).exists():
            return artefact, "forgotten"
        wrong = self._wrong_file(artefact)
        return artefact, f"the artefact was damaged ({wrong})" if wrong else None

    def record(self, name: str) -> dict[str, Any] | None:
        """The record of an artefact if it is sound: its ingredients give its name, its file list gives its digest."""
        try:
            record = json.loads((self.folder / name / "record.json").read_bytes())
            digests = {file: entry["sha256"] for file, entry in record["payload"]["files"].items()}
            sizes = [entry["bytes"] for entry in record["payload"]["files"].values()]
            sound = (
                record["format"] == FORMAT
                and fingerprint(record["ingredients"]) == name
                and tree_digest(digests) == record["payload"]["digest"]
                and all(isinstance(size, int) for size in sizes)
                and isinstance(record["provenance"], dict)
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        return record if sound else None

    def _summary(self, name: str) -> dict[str, Any] | None:
        """The record without its ingredients; one that was sound is not read again while it is the same."""
        path = self.folder / name / "record.json"

        def summarise() -> str:
            record = self.record(name)
            if record is None or self._digests.file(path) != digest:
                raise ValueError("not sound")
            return json.dumps({key: value for key, value in record.items() if key != "ingredients"})

        try:
            digest = self._digests.file(path)
            summary: dict[str, Any] = json.loads(self._digests.note(f"record {FORMAT} {name} {digest}", summarise))
        except (UserError, ValueError):  # also a damaged note
            return self.record(name)
        return summary

    def publish(self, prepared: Path, ingredients: Ingredients, provenance: Mapping[str, Any]) -> Artefact:
        """Make a prepared folder (`payload/`, `log.txt`) the artefact of these ingredients; replaces a damaged one.

        Raises OSError when the disk refuses, ValueError for a payload with anything but plain files.
        """
        payload = prepared / "payload"
        files: dict[str, dict[str, Any]] = {}
        for file, path in list_files(payload).items():
            if path.is_symlink() or not path.is_file():
                raise ValueError(f"the payload may hold plain files only, not {file!r}")
            _sync(path)
            files[file] = {"sha256": self._digests.file(path), "bytes": path.stat().st_size}
        digest = tree_digest({file: entry["sha256"] for file, entry in files.items()})
        name = fingerprint(ingredients)
        record = {
            "format": FORMAT,
            "fingerprint": name,
            "payload": {"digest": digest, "files": files},
            "provenance": dict(provenance),
            "ingredients": ingredients,
        }
        text = json.dumps(record, indent=1, sort_keys=True) + "\n"
        (prepared / "record.json").write_text(text, encoding="utf-8")
        _sync(prepared / "record.json")
        for parent, _, _ in os.walk(prepared):
            _sync(Path(parent))
        target = self.folder / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.discard(name)
        prepared.rename(target)
        _sync(self.folder)
        return Artefact(name, target, digest, record)

    def forget(self, name: str) -> bool:
        """Let the artefact count as absent; returns whether there was one."""
        folder = self.folder / name
        if not folder.is_dir():
            return False
        (folder / FORGOTTEN).touch()
        return True

    def discard(self, name: str) -> None:
        """Remove an artefact: it disappears at once, its files a little later."""
        folder = self.folder / name
        if os.path.lexists(folder):
            self._trash.mkdir(parents=True, exist_ok=True)
            doomed = self._trash / f"discarded-{uuid.uuid4().hex}"
            folder.rename(doomed)
            if doomed.is_dir() and not doomed.is_symlink():
                shutil.rmtree(doomed, ignore_errors=True)
            else:
                doomed.unlink()

    def _wrong_file(self, artefact: Artefact) -> str | None:
        """The first payload file that is missing, extra or has other content."""
        recorded: dict[str, dict[str, Any]] = artefact.record["payload"]["files"]
        present = list_files(artefact.payload)
        for name in sorted(present.keys() ^ recorded.keys()):
            return name
        for name, path in present.items():
            if path.is_symlink() or not path.is_file():
                return name
            if path.stat().st_size != recorded[name]["bytes"] or self._digests.file(path) != recorded[name]["sha256"]:
                return name
        return None


def _sync(path: Path) -> None:
    """Wait until a file or folder has reached the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
