"""What an artefact depends on, as one JSON value, and its digest: the fingerprint.

Nothing in it depends on where or when a build runs: no path, no host, no time. Inputs count by content, not by their
own fingerprints: a stage that ran again and gave the same bytes causes no further work.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from inrarch.engine.digest import canonical, text_digest

FORMAT = 1
"""Counted up when the meaning of a record changes: artefacts of another format are not used."""

Ingredients = dict[str, Any]
"""format, stage, settings; digests of files, inputs, code, data; versions of tools, libraries (and Python)."""

_ABSENT = object()


class Part(dict[str, str]):
    """A part of the ingredients that many jobs share (code, data): its JSON text is made once. Do not change it."""

    @cached_property
    def text(self) -> str:
        """The canonical JSON text."""
        return canonical(self)


def fingerprint(ingredients: Ingredients) -> str:
    """The name of the artefact: SHA-256 of the ingredients, in hexadecimal."""
    parts = (
        f"{canonical(key)}:{value.text if isinstance(value, Part) else canonical(value)}"
        for key, value in sorted(ingredients.items())
    )
    return text_digest("{" + ",".join(parts) + "}")


def differences(old: Ingredients, new: Ingredients, *, digests: bool = False) -> list[str]:
    """What changed, one phrase each, most telling first; empty when nothing did.

    Settings and versions are shown as `key: old -> new`, contents by their names and, if asked for, by their digests.
    Names come first: of a board that was exchanged, its name tells more than the figures that differ with it.
    """
    if old.get("format") != new.get("format"):
        return ["the format of the build records changed"]
    settings = sorted(_nested("", old["settings"], new["settings"]), key=lambda change: not change[0].endswith(".name"))
    phrases = [f"{key}: {_show(a)} -> {_show(b)}" for key, a, b in settings]
    phrases += _contents("file", old["files"], new["files"], digests)
    phrases += _contents("input", old["inputs"], new["inputs"], digests)
    phrases += _versions(old["tools"], new["tools"])
    phrases += _versions(old["libraries"], new["libraries"])
    phrases += _contents("code", old["code"], new["code"], digests)
    phrases += _contents("file", old["data"], new["data"], digests)
    return phrases


def shorten(phrases: list[str], most: int = 2) -> str:
    """The first phrases in one line, and how many more there are."""
    shown = "; ".join(phrases[:most])
    return shown if len(phrases) <= most else f"{shown}; {len(phrases) - most} more"


def short(digest: str) -> str:
    """The first part of a digest: enough to tell two apart."""
    return digest[:12]


def _contents(kind: str, old: Mapping[str, str], new: Mapping[str, str], digests: bool) -> list[str]:
    def phrase(name: str, verb: str) -> str:
        values = [short(each[name]) for each in (old, new) if name in each]
        return f"{kind} {name} {verb}" + (f": {' -> '.join(values)}" if digests else "")

    changed = [phrase(name, "changed") for name in new if name in old and old[name] != new[name]]
    added = [phrase(name, "added") for name in new if name not in old]
    removed = [phrase(name, "removed") for name in old if name not in new]
    return changed + added + removed


def _versions(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    names = sorted(old.keys() | new.keys())
    pairs = [(name, old.get(name, "none"), new.get(name, "none")) for name in names]
    return [f"{name} {before} -> {after}" for name, before, after in pairs if before != after]


def _nested(prefix: str, old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    """(dotted key, old, new) of every leaf that differs."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return [] if canonical(old) == canonical(new) else [(prefix, old, new)]
    found = []
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key, _ABSENT), new.get(key, _ABSENT)
        name = f"{prefix}.{key}" if prefix else key
        if before is _ABSENT or after is _ABSENT:
            found.append((name, before, after))
        else:
            found += _nested(name, before, after)
    return found


def _show(value: Any) -> str:
    if value is _ABSENT:
        return "(none)"
    text = canonical(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
