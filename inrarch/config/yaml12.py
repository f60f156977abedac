"""Reads YAML files with the scalars of the YAML 1.2 core schema, and keeps the position of every key and value.

Differences from PyYAML's own loader, which follows YAML 1.1:

* ``no``, ``on``, ``yes`` are strings; only ``true`` and ``false`` are booleans.
* ``1e-3`` is a number; ``0o17`` is octal, ``017`` is seventeen, ``1:30`` is a string, ``2026-11-21`` is a string.
* A key that appears twice is an error. Keys are strings as they are written: ``1:`` is the key ``"1"``.
* Tags other than those of the core schema are errors; nothing but plain data is ever made.

Anchors, aliases and the merge key ``<<`` work; aliases that contain themselves or explode are errors.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from yaml.composer import Composer
from yaml.error import MarkedYAMLError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

from inrarch.config.tree import KeyPath, Mark, Origin, Source, Tree
from inrarch.errors import UserError, combined
from inrarch.paths import shown_path

_TAG = "tag:yaml.org,2002:"
_MAX_NODES = 100_000
_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")

_FORMS = {
    "null": re.compile(r"~|null|Null|NULL|"),
    "bool": re.compile(r"true|True|TRUE|false|False|FALSE"),
    "int": re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
    "float": re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"),
}


def read_yaml(path: Path) -> Tree:
    """Read a file that holds one YAML document. An empty file is an empty mapping.

    Raises `UserError` with file, line and column for whatever is wrong with the text; all duplicate keys at once.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(
            f"cannot read the file: {error.strerror}", place=shown_path(path), expected="a YAML file"
        ) from None
    return parse_yaml(_decoded(data, path), path)


def parse_yaml(text: str, path: Path) -> Tree:
    """As `read_yaml`, for a text that is in memory; `path` is only named in errors."""
    source = Source(path, tuple(_LINE_END.split(text)))
    root = _composed(text, source)
    if root is None:
        return Tree({}, {(): Origin(source, None, Mark(1, 1))})
    builder = _Builder(source)
    value = builder.build(root, (), None)
    if builder.errors:
        raise combined(builder.errors)
    return Tree({} if value is None else value, builder.origins)


def _decoded(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig")
        lines = _LINE_END.split(before)
        raise UserError(
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            place=f"{shown_path(path)}:{len(lines)}:{len(lines[-1]) + 1}",
            expected="a text file in UTF-8",
        ) from None


def _composed(text: str, source: Source) -> Node | None:
    """The node graph of the only document; None when there is nothing but comments."""
    try:
        loader = _Loader(text)
        if not loader.check_node():
            return None
        root, second = loader.get_node(), loader.get_node() if loader.check_node() else None
    except ReaderError as error:
        before = _LINE_END.split(text[: error.position])
        found = f"the character U+{ord(text[error.position]):04X} is not allowed in YAML"
        raise source.error(Mark(len(before), len(before[-1]) + 1), found, expected="printable text") from None
    except MarkedYAMLError as error:
        raise _syntax_error(error, source) from None
    except RecursionError:
        raise UserError("lists or mappings are nested too deeply", place=shown_path(source.path)) from None
    if second is not None:
        raise source.error(_mark(second), "a second document starts here", expected="one document in the file")
    return root


_PLAINER: dict[str, tuple[str, str, str | None]] = {
    r"character '\t'": ("a tab", "spaces as indentation", None),
    "<block end>": ("this line is indented unlike the lines that it belongs to", "the same indentation", None),
    "values are not allowed": ("a second ': ' in one line", "one key", "put a text that has a colon in quotes"),
    "could not find expected ':'": ("a line without a colon", "a key, a colon, a space and a value", None),
}
"""Part of a message of PyYAML; what is said instead: found, expected, hint."""


def _syntax_error(error: MarkedYAMLError, source: Source) -> UserError:
    mark = error.problem_mark or error.context_mark
    found = error.problem or error.context or "not YAML"
    expected = hint = None
    for part, plainer in _PLAINER.items():
        if part in found:
            found, expected, hint = plainer
            break
    else:
        if error.context and error.context_mark:
            found = f"{found} {error.context} that starts on line {error.context_mark.line + 1}"
    if mark is None:
        return UserError(found, place=shown_path(source.path))
    return source.error(Mark(mark.line + 1, mark.column + 1), found, expected=expected, hint=hint)


def _mark(node: Node) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)


def _plain_tag(node: Node) -> str:
    tag: str = node.tag
    return tag.removeprefix(_TAG)


def _scalar(form: str, text: str) -> Any:
    """The value of a scalar of the core schema; ValueError when the text has not that form, or an integer 64 bits."""
    if form == "str":
        return text
    if not _FORMS[form].fullmatch(text):
        raise ValueError(text)
    if form == "null":
        return None
    if form == "bool":
        return text.lower() == "true"
    if form == "int":
        number = int(text, 0) if text[:2] in ("0o", "0x") else int(text)
        if number.bit_length() > 63:
            raise ValueError(text)
        return number
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


class _CoreResolver(BaseResolver):
    """Tags of plain scalars as the YAML 1.2 core schema has them, and the merge key."""


for _form, _first in (("null", "~nN"), ("bool", "tTfF"), ("int", "-+0123456789"), ("float", "-+.0123456789")):
    _CoreResolver.add_implicit_resolver(_TAG + _form, re.compile(f"(?:{_FORMS[_form].pattern})$"), list(_first))
_CoreResolver.add_implicit_resolver(_TAG + "null", re.compile("$"), [""])
_CoreResolver.add_implicit_resolver(_TAG + "merge", re.compile("<<$"), ["<"])


class _Loader(Reader, Scanner, Parser, Composer, _CoreResolver):
    """PyYAML's pure Python parser, whose messages do not depend on how PyYAML was built."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        _CoreResolver.__init__(self)


class _Builder:
    """Makes plain data from nodes, and collects origins and errors on the way."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.origins: dict[KeyPath, Origin] = {}
        self.errors: list[UserError] = []
        self._open: set[int] = set()
        self._count = 0

    def build(self, node: Node, path: KeyPath, key: Mark | None) -> Any:
        self._count += 1
        if self._count > _MAX_NODES:
            found = f"more than {_MAX_NODES:,} values, aliases written out"
            raise self.source.error(_mark(node), found, expected="a file that people can read")
        self.origins[path] = Origin(self.source, key, _mark(node))
        if id(node) in self._open:
            raise self.source.error(_mark(node), "an alias stands inside the value of its own anchor")
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        self._open.add(id(node))
        if isinstance(node, MappingNode):
            value: Any = self._mapping(node, path)
        else:
            assert isinstance(node, SequenceNode), "the composer makes three kinds of nodes"
            value = self._sequence(node, path)
        self._open.remove(id(node))
        return value

    def _scalar(self, node: ScalarNode) -> Any:
        form = _plain_tag(node)
        if form == "merge":
            form = "str"
        if form != "str" and form not in _FORMS:
            self._unknown_tag(node)
            return None
        try:
            return _scalar(form, node.value)
        except ValueError:
            names = {"int": "an integer of 64 bits", "float": "a number", "bool": "true or false", "null": "null"}
            shown = node.value if len(node.value) <= 40 else node.value[:40] + "..."
            self.errors.append(self.source.error(_mark(node), f"{shown!r} cannot be read as {names[form]}"))
            return None

    def _sequence(self, node: SequenceNode, path: KeyPath) -> list[Any]:
        if _plain_tag(node) != "seq":
            self._unknown_tag(node)
        return [self.build(child, (*path, index), None) for index, child in enumerate(node.value)]

    def _mapping(self, node: MappingNode, path: KeyPath) -> dict[str, Any]:
        if _plain_tag(node) != "map":
            self._unknown_tag(node)
        value: dict[str, Any] = {}
        first: dict[str, Mark] = {}
        merges: list[Node] = []
        for key_node, value_node in node.value:
            mark = _mark(key_node)
            if not isinstance(key_node, ScalarNode):
                self.errors.append(self.source.error(mark, "a list or mapping as a key", expected="a name"))
                continue
            key = str(key_node.value)
            if key in first:
                found = f"the key {key!r} appears twice"
                hint = f"it stands first on line {first[key].line}; remove one of the two"
                self.errors.append(self.source.error(mark, found, expected="each key once", hint=hint))
                continue
            first[key] = mark
            if _plain_tag(key_node) == "merge":
                merges.append(value_node)
            else:
                value[key] = self.build(value_node, (*path, key), mark)
        for merge in merges:
            self._merge(merge, value, path)
        return value

    def _merge(self, node: Node, value: dict[str, Any], path: KeyPath) -> None:
        """Add the entries of ``<<: *anchor`` or ``<<: [*a, *b]`` that the mapping does not have itself."""
        parts = node.value if isinstance(node, SequenceNode) else [node]
        for part in parts:
            if not isinstance(part, MappingNode):
                error = self.source.error(_mark(part), "no mapping after <<", expected="an alias of a mapping")
                self.errors.append(error)
                continue
            if id(part) in self._open:
                raise self.source.error(_mark(part), "an alias stands inside the value of its own anchor")
            shadow = _Builder(self.source)
            shadow._open, shadow._count = self._open | {id(part)}, self._count
            merged = shadow._mapping(part, path)
            self._count = shadow._count
            for key in merged.keys() - value.keys():
                depth = len(path) + 1
                inside = (*path, key)
                self.origins.update({p: origin for p, origin in shadow.origins.items() if p[:depth] == inside})
            value.update({key: entry for key, entry in merged.items() if key not in value})

    def _unknown_tag(self, node: Node) -> None:
        tag: str = node.tag
        shown = tag.replace(_TAG, "!!") if tag.startswith(_TAG) else tag
        self.errors.append(self.source.error(_mark(node), f"the tag {shown}", expected="plain data without tags"))
