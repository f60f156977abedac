"""A configuration value together with the place in a file that each of its parts comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from inrarch.errors import UserError
from inrarch.paths import shown_path

KeyPath = tuple[str | int, ...]
"""Keys and list indices from the root to a part of a configuration."""

_EXCERPT_WIDTH = 120


def dotted(path: KeyPath) -> str:
    """``derivatives.order``, ``report.image[1]``; empty for the root."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def nested(path: KeyPath, part: Tree) -> Tree:
    """The tree that has nothing but `part`, at `path` (keys only, no list indices)."""
    value = part.value
    for step in reversed(path):
        value = {step: value}
    return Tree(value, {path + below: origin for below, origin in part.origins.items()})


def overlaid(base: Tree, top: Tree) -> Tree:
    """`base` with what `top` says: mappings are merged key by key, lists and scalars are replaced."""
    return Tree(_overlaid_value(base.value, top.value), {**base.origins, **top.origins})


def _overlaid_value(base: Any, top: Any) -> Any:
    if isinstance(base, dict) and isinstance(top, dict):
        merged = dict(base)
        for key, value in top.items():
            merged[key] = _overlaid_value(base[key], value) if key in base else value
        return merged
    return top


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A position in a text; line and column count from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Source:
    """A text file that was read: its path and its lines without line ends."""

    path: Path
    lines: tuple[str, ...]

    def error(self, mark: Mark, found: str, *, expected: str | None = None, hint: str | None = None) -> UserError:
        """A `UserError` at a position, with the line and a caret under it."""
        place = f"{shown_path(self.path)}:{mark.line}:{mark.column}"
        return UserError(found, place=place, expected=expected, hint=hint, excerpt=self.excerpt(mark))

    def excerpt(self, mark: Mark) -> str:
        """The line at `mark`, numbered, and a caret under its column. Of a very long line only the part around it."""
        line = self.lines[mark.line - 1] if mark.line <= len(self.lines) else ""
        line = "".join(sign if sign.isprintable() else " " for sign in line)
        start = max(0, mark.column - _EXCERPT_WIDTH // 2) if len(line) > _EXCERPT_WIDTH else 0
        line = line[start : start + _EXCERPT_WIDTH].rstrip()
        margin = f"{mark.line:>5} | "
        return f"{margin}{line}\n{' ' * (len(margin) - 2)}| {' ' * (mark.column - 1 - start)}^"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a part of a configuration stands: its value, and its key when it is a mapping's entry."""

    source: Source
    key: Mark | None
    value: Mark


@dataclass(frozen=True, slots=True)
class Tree:
    """A configuration value (dict with str keys, list, str, int, float, bool, None) and the origins of its parts."""

    value: Any
    origins: Mapping[KeyPath, Origin]

    def at(self, path: KeyPath) -> Tree:
        """The part at `path`, as a tree of its own. KeyError or IndexError when there is none."""
        value = self.value
        for step in path:
            value = value[step]
        depth = len(path)
        return Tree(value, {key[depth:]: origin for key, origin in self.origins.items() if key[:depth] == path})

    def error(
        self,
        path: KeyPath,
        found: str,
        *,
        on: Literal["key", "value"] = "value",
        expected: str | None = None,
        hint: str | None = None,
    ) -> UserError:
        """A `UserError` at the key or value of a part; at the nearest part above it where this one was defaulted."""
        origin = self.origins.get(path)
        if origin is None:
            origin, on = self.nearest(path), "key"
        if origin is None:
            return UserError(found, expected=expected, hint=hint)
        mark = origin.key if on == "key" and origin.key is not None else origin.value
        return origin.source.error(mark, found, expected=expected, hint=hint)

    def nearest(self, path: KeyPath) -> Origin | None:
        """Origin of the part at `path`, or of the nearest part above it; None for a tree that no file is behind."""
        while path and path not in self.origins:
            path = path[:-1]
        return self.origins.get(path)
