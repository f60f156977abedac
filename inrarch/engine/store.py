"""The artefact store: `build/.store/<fingerprint>/` with `payload/`, `record.json` and `log.txt`.

An artefact is written elsewhere and published by one rename after everything has reached the disk: it is there as a
whole or not at all, and of several builds that publish it at once the first one wins. The record checks itself (its
ingredients give its name) and the payload (a digest per file), so an artefact that was edited, truncated or lost is
noticed and counts as absent.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inrarch.engine.digest import DigestCache, list_files, tree_digest
from inrarch.engine.fingerprint import FORMAT, Ingredients, fingerprint
from inrarch.errors import UserError

FORGOTTEN = "forgotten"
"""A file of this name in an artefact: it counts as absent (`doit forget`), though its files stay until replaced."""

USE_MARK_S = 3600.0
"""The time of last use of an artefact (the mtime of its folder) is as exact as this."""

_NAME = re.compile("[0-9a-f]{64}")
_TAKEN = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)
_ATTEMPTS = 20


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
    """Artefacts by fingerprint; safe against other threads, processes and machines that publish and find here.

    staging: a folder on the same file system, for what comes and goes. marks: None for the store of one build
    directory; for a shared one a folder of our own that holds our `forgotten` marks, which must not touch others.
    """

    def __init__(self, folder: Path, staging: Path, digests: DigestCache, marks: Path | None = None) -> None:
        self.folder = folder
        self.staging = staging
        self._digests = digests
        self._marks = marks

    def find(self, name: str) -> Artefact | None:
        """The artefact of that fingerprint if it is whole; None if it is absent, damaged or forgotten."""
        artefact, fault = self.inspect(name)
        return None if fault else artefact

    def inspect(self, name: str) -> tuple[Artefact | None, str | None]:
        """The artefact, and what is wrong with it (a phrase) or None."""
        folder = self.folder / name
        record = self._summary(name)
        if record is None:
            return None, "the artefact was damaged (record.json)" if self.has(name) else "the artefact is gone"
        artefact = Artefact(name, folder, record["payload"]["digest"], record)
        if self._forgotten(name).exists():
            return artefact, "forgotten"
        wrong = self._wrong_file(artefact)
        return artefact, f"the artefact was damaged ({wrong})" if wrong else None

    def has(self, name: str) -> bool:
        """Whether there is anything of that name, whole or not."""
        return os.path.lexists(self.folder / name)

    def names(self) -> list[str]:
        """The fingerprints of all that is here, whole or not, sorted."""
        with suppress(FileNotFoundError, NotADirectoryError):
            return sorted(entry for entry in os.listdir(self.folder) if _NAME.fullmatch(entry))
        return []

    def record(self, name: str) -> dict[str, Any] | None:
        """The record of an artefact if it is sound: its ingredients give its name, its file list gives its digest."""
        try:
            record = json.loads((self.folder / name / "record.json").read_bytes())
            digests = {file: entry["sha256"] for file, entry in record["payload"]["files"].items()}
            sound = (
                record["format"] == FORMAT
                and fingerprint(record["ingredients"]) == name
                and tree_digest(digests) == record["payload"]["digest"]
                and all(isinstance(entry["bytes"], int) for entry in record["payload"]["files"].values())
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
        """Make a prepared folder (`payload/`, `log.txt`) the artefact of these ingredients.

        A damaged one is replaced; if another build has published a whole one meanwhile, that one is returned.
        Raises OSError when the disk refuses (`prepared` is then as before), ValueError for a payload with anything but
        plain files.
        """
        payload = prepared / "payload"
        files: dict[str, dict[str, Any]] = {}
        for file, path in list_files(payload).items():
            if path.is_symlink() or not path.is_file():
                raise ValueError(f"the payload may hold plain files only, not {file!r}")
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
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._brought_here(prepared) as complete:
            _sync_tree(complete)
            winner = self._put(complete, name)
        if winner is not None:
            shutil.rmtree(prepared, ignore_errors=True)
            return winner
        _sync(self.folder)
        with suppress(OSError):
            self._forgotten(name).unlink(missing_ok=True)
        return Artefact(name, self.folder / name, digest, record)

    def mark_used(self, artefact: Artefact) -> None:
        """Note that the artefact is in use today: what has long been unused may be removed (`inrarch gc`)."""
        with suppress(OSError):
            if time.time() - artefact.folder.stat().st_mtime > USE_MARK_S:
                os.utime(artefact.folder)

    def forget(self, name: str) -> bool:
        """Let the artefact count as absent; returns whether there was one."""
        if not (self.folder / name).is_dir():
            return False
        self._forgotten(name).parent.mkdir(parents=True, exist_ok=True)
        self._forgotten(name).touch()
        return True

    def discard(self, name: str) -> None:
        """Remove an artefact: it disappears at once, its files a little later."""
        doomed = self._fresh("discarded")
        with suppress(FileNotFoundError):  # another process was faster
            (self.folder / name).rename(doomed)
        if doomed.is_dir():
            shutil.rmtree(doomed, ignore_errors=True)
        else:
            doomed.unlink(missing_ok=True)

    def _put(self, complete: Path, name: str) -> Artefact | None:
        """Rename a complete folder into place; returns the artefact of a faster build, or None if ours is there now."""
        for _ in range(_ATTEMPTS):
            try:
                complete.rename(self.folder / name)
                return None
            except OSError as error:
                if error.errno not in _TAKEN:
                    raise
            winner = self.find(name)
            if winner is not None:
                return winner
            self.discard(name)
        raise OSError(errno.EBUSY, "other builds damage this artefact again and again", str(self.folder / name))

    @contextmanager
    def _brought_here(self, prepared: Path) -> Iterator[Path]:
        """The prepared folder on this file system: itself, or for a shared store a copy."""
        if self._marks is None:
            yield prepared
            return
        copy = self._fresh("incoming")
        try:
            shutil.copytree(prepared, copy)
            yield copy
        finally:
            shutil.rmtree(copy, ignore_errors=True)
        shutil.rmtree(prepared, ignore_errors=True)

    def _fresh(self, purpose: str) -> Path:
        """A new path for something that comes or goes."""
        self.staging.mkdir(parents=True, exist_ok=True)
        return self.staging / f"{purpose}-{uuid.uuid4().hex}"

    def _forgotten(self, name: str) -> Path:
        return self.folder / name / FORGOTTEN if self._marks is None else self._marks / name

    def _wrong_file(self, artefact: Artefact) -> str | None:
        """The first payload file that is missing, extra or has other content."""
        recorded: dict[str, dict[str, Any]] = artefact.record["payload"]["files"]
        present = list_files(artefact.payload)
        for name in sorted(present.keys() ^ recorded.keys()):
            return name
        for name, path in present.items():
            try:
                if path.is_symlink() or not path.is_file():  # also a pipe, which would block
                    return name
                size = path.stat().st_size
                if size != recorded[name]["bytes"] or self._digests.file(path) != recorded[name]["sha256"]:
                    return name
            except (OSError, UserError):  # a link to nowhere, a bad block
                return name
        return None


def _sync_tree(folder: Path) -> None:
    """Wait until a folder with all that is in it has reached the disk."""
    for parent, _, names in os.walk(folder):
        for name in names:
            _sync(Path(parent, name))
        _sync(Path(parent))


def _sync(path: Path) -> None:
    """Wait until a file or folder has reached the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
