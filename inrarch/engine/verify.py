"""`inrarch verify-manifest`: is everything on disk still what a manifest says? Nothing is believed but the bytes.

Checked are the manifest itself (its schema, its digest, the digests in it against each other), the artefact of each
stage (record and every file), the link that shows it, the external files, the code of the stages and the data folders,
and the versions of tools and libraries that would be used here now.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from inrarch.config.select import select_names
from inrarch.engine.code import library_version
from inrarch.engine.digest import DigestCache, canonical, list_files, text_digest, tree_digest
from inrarch.engine.manifest import NAME
from inrarch.engine.stores import Stores
from inrarch.engine.view import View
from inrarch.errors import UserError
from inrarch.json_file import check_schema, read_json
from inrarch.paths import shown_path
from inrarch.resources import data_folder
from inrarch.tools import tools

ABSENT = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the manifest says."""

    place: str
    found: str
    expected: str

    def text(self) -> str:
        """In one line."""
        return f"{self.place}: found {self.found}, expected {self.expected}"


@dataclass(slots=True)
class Verified:
    """The result for one manifest. checked: how many digests and versions were compared."""

    title: str
    checked: int
    differences: list[Difference]


def choose_manifests(build: Path, names: Sequence[str]) -> list[Path]:
    """The manifests that files or names (project, project@variant, globs of them) stand for; all if there are none.

    Raises UserError for a name without a manifest.
    """
    found: dict[str, dict[str, Path]] = {}
    for path in sorted(build.glob(f"[!.]*/*/{NAME}")):
        project, variant = path.relative_to(build).parts[:2]
        found.setdefault(project, {})[f"{project}@{variant}"] = path
    by_name = {name: path for variants in found.values() for name, path in variants.items()}
    if not names and not found:
        raise UserError("no variant has a manifest yet", place=str(build), hint="a build writes one for each variant")
    chosen: list[Path] = []
    for name in names or ["*"]:
        if Path(name).is_file():
            chosen.append(Path(name))
        elif not found or "/" in name:
            raise UserError(f"no manifest {name!r}", expected="a file, or a variant that has been built")
        else:
            chosen += [by_name[each] for each in select_names([name], found, {})]
    return list(dict.fromkeys(chosen))


def verify_manifest(path: Path, view: View, stores: Stores, root: Path, configured: Mapping[str, str]) -> Verified:
    """Compare one manifest with what is on disk. Raises UserError when the file is no manifest.

    root: what the paths of inputs are relative to. configured: paths of tools by name.
    """
    manifest = _read(path)
    content = manifest["content"]
    check = _Check(path, view, stores, root, DigestCache(Path(os.devnull) / "none", writable=False))
    check.compare(f"{shown_path(path)}: content", text_digest(canonical(content)), manifest["digest"])
    for name, stage in content["stages"].items():
        check.stage(content, name, stage)
    for name, digest in content["code"].items():
        check.file(name, _code_file(name), digest)
    for name, digest in content["data"].items():
        check.file(name, _data_file(name), digest)
    for name, version in _versions(content, "tools").items():
        check.compare(f"tool {name}", _tool_version(name, configured), version)
    for name, version in _versions(content, "libraries").items():
        check.compare(f"library {name}", library_version(name), version)
    return Verified(f"{content['project']}@{content['variant']}", check.checked, check.differences)


class _Check:
    """The comparison of one manifest: counts and collects. digests: without a cache, so that files are read anew."""

    def __init__(self, path: Path, view: View, stores: Stores, root: Path, digests: DigestCache) -> None:
        self.checked = 0
        self.differences: list[Difference] = []
        self._path = path
        self._view = view
        self._stores = stores
        self._root = root
        self._digests = digests

    def compare(self, place: str, found: str, expected: str) -> bool:
        """Note whether two digests (or other texts) are the same."""
        self.checked += 1
        if found != expected:
            self.differences.append(Difference(place, found, expected))
        return found == expected

    def file(self, place: str, path: Path | None, expected: str) -> None:
        """Compare the content of a file or folder."""
        found = ABSENT
        if path is not None and path.exists():
            try:
                found = self._digests.path(path)
            except UserError as error:
                found = error.found
        self.compare(place, found, expected)

    def stage(self, content: Mapping[str, Any], name: str, stage: Mapping[str, Any]) -> None:
        """Compare all that a manifest says of one stage."""
        outputs = stage["outputs"]
        place = f"{shown_path(self._path)}: {name}"
        digests = {file: entry["sha256"] for file, entry in outputs["files"].items()}
        self.compare(f"{place}: outputs", tree_digest(digests), outputs["digest"])
        for upstream, digest in stage["inputs"].items():
            made = content["stages"].get(upstream)
            self.compare(f"{place}: input {upstream}", made["outputs"]["digest"] if made else ABSENT, digest)
        for external in stage["files"].values():
            self.file(external["path"], self._root / external["path"], external["sha256"])
        link = self._view.path(content["project"], content["variant"], name)
        if self._path.resolve() == link.with_name(NAME).resolve():
            self.compare(shown_path(link), self._view.target(link) or ABSENT, stage["fingerprint"])
        self._artefact(stage)

    def _artefact(self, stage: Mapping[str, Any]) -> None:
        """Compare the artefact with the manifest: its record, then every file."""
        name = stage["fingerprint"]
        store = next((store for store in self._stores.all if store.has(name)), None)
        if store is None:
            self.compare(
                shown_path(self._stores.all[0].folder / name),
                ABSENT,
                f"an artefact ({len(stage['outputs']['files'])} files)",
            )
            return
        folder = store.folder / name
        record = store.record(name)
        place = shown_path(folder / "record.json")
        if record is None:
            self.compare(place, "a damaged record", f"the record of {name}")
        else:
            self.compare(place, record["payload"]["digest"], stage["outputs"]["digest"])
            self.compare(
                f"{place}: settings", canonical(record["ingredients"]["settings"]), canonical(stage["settings"])
            )
            self.compare(f"{place}: code", tree_digest(record["ingredients"]["code"]), stage["code"])
        present = list_files(folder / "payload")
        recorded = stage["outputs"]["files"]
        for file in sorted(present.keys() | recorded.keys()):
            expected = recorded[file]["sha256"] if file in recorded else ABSENT
            self.file(shown_path(folder / "payload" / file), present.get(file), expected)


def _read(path: Path) -> dict[str, Any]:
    """A manifest that the schema accepts."""
    manifest: dict[str, Any] = read_json(path, "a manifest")
    check_schema(manifest, "manifest", shown_path(path))
    return manifest


def _versions(content: Mapping[str, Any], kind: str) -> dict[str, str]:
    """All versions of one kind that the stages of a manifest name, sorted by name."""
    found: dict[str, str] = {}
    for stage in content["stages"].values():
        found.update(stage[kind])
    return dict(sorted(found.items()))


def _tool_version(name: str, configured: Mapping[str, str]) -> str:
    """The version of a tool as it is found here now, or why there is none."""
    if name not in tools():
        return ABSENT
    try:
        return tools()[name].version(tools()[name].find(configured))
    except UserError as error:
        return error.found


@cache
def _package_parent(package: str) -> Path | None:
    spec = find_spec(package) if package.isidentifier() else None
    found = list(spec.submodule_search_locations or ()) if spec else []
    return Path(found[0]).resolve().parent if found else None


def _code_file(name: str) -> Path | None:
    """The file of this installation that a path like `inrarch/stages/map.py` names."""
    parent = _package_parent(name.partition("/")[0])
    return _below(parent, name) if parent else None


def _data_file(name: str) -> Path | None:
    folder, _, rest = name.partition("/")
    try:
        return _below(data_folder(folder), rest) if folder.isidentifier() else None
    except FileNotFoundError:
        return None


def _below(folder: Path, name: str) -> Path | None:
    """A file below a folder, or None: a manifest may come from anywhere and name anything."""
    path = (folder / name).resolve()
    return path if path.is_relative_to(folder.resolve()) else None
