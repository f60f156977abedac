"""Expands the `matrix` of a project: axes (product), exclude, add, when, in this order.

A point is an assignment of values to configuration keys in dotted form. Its name is built from the labels of its values
in the order of the axes: ``u50-order2``. An entry that matches nothing is an error, and so are two points of one name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product
from typing import Any

from inrarch.config.names import is_name
from inrarch.config.schema import dotted_keys, has_key, load_schema
from inrarch.config.tree import KeyPath, Tree, dotted, nested, overlaid
from inrarch.config.validate import shown
from inrarch.errors import UserError, combined, did_you_mean

_MAX_POINTS = 10_000
_MAX_LABEL = 40
_MAX_NAME = 120


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the table of a matrix.

    status: empty, `excluded` (then no variant) or `added`. config: without `matrix`. keys: what the point and `when`
    give a value to, in dotted form. labels: the names that a person gave to values, by key.
    """

    name: str
    status: str
    config: Tree
    keys: tuple[str, ...]
    labels: Mapping[str, str]


def expand_matrix(project: Tree) -> dict[str, Tree]:
    """Configuration (without `matrix`) of each variant by its name; one variant `default` without a matrix.

    `project` must be valid against the schema; the results are not checked again here.
    """
    return {entry.name: entry.config for entry in matrix_entries(project) if entry.status != "excluded"}


def matrix_entries(project: Tree) -> list[Entry]:
    """Every point of the matrix, also those that are excluded: the product of the axes, then what is added."""
    base = Tree({key: value for key, value in project.value.items() if key != "matrix"}, project.origins)
    if not project.value.get("matrix"):
        return [Entry("default", "", base, (), {})]
    expansion = _Expansion(project)
    points = expansion.points()
    if expansion.errors:
        raise combined(expansion.errors)
    return [
        Entry(
            name=point.name(),
            status=point.status,
            config=_configured(base, point),
            keys=(*point.choices, *(key for key, _ in point.settings if key not in point.choices)),
            labels={key: choice.label for key, choice in point.choices.items() if choice.named},
        )
        for point in expansion.with_excluded(points)
    ]


def label(key: str, value: Any) -> str | None:
    """The part of a variant's name that stands for `key` having `value`; None where a person must give a name.

    A text that begins with a letter stands for itself, everything else follows the last part of the key:
    ``u50``, ``order2``, ``step0.001``, ``image64_64``.
    """
    if isinstance(value, dict):
        return None
    parts = value if isinstance(value, list) else [value]
    if any(isinstance(part, list | dict) for part in parts):
        return None
    words = [part if isinstance(part, str) else shown(part) if part is not None else "none" for part in parts]
    text = re.sub(r"[^A-Za-z0-9_.-]+", "_", "_".join(words)).strip("_")
    if not (isinstance(parts[0] if parts else 0, str) and text[:1].isalpha()):
        text = key.rpartition(".")[2] + text
    return text if len(text) <= _MAX_LABEL and is_name(text) else None


def _configured(base: Tree, point: _Point) -> Tree:
    for key, choice in (*point.choices.items(), *point.settings):
        base = overlaid(base, nested(tuple(key.split(".")), choice.tree))
    return base


@dataclass(frozen=True, slots=True)
class _Choice:
    """A value that a key may get; `named` when a person gave the label."""

    tree: Tree
    label: str
    named: bool = False

    def fits(self, value: Any) -> bool:
        return bool(self.tree.value == value or (self.named and self.label == value))


@dataclass(frozen=True, slots=True)
class _Point:
    """One variant: the choice for each key, what `when` sets beyond that, and where the point stands in the file."""

    choices: Mapping[str, _Choice]
    settings: tuple[tuple[str, _Choice], ...]
    path: KeyPath
    status: str = ""

    def name(self) -> str:
        return "-".join(choice.label for choice in self.choices.values()) or "default"

    def fits(self, match: Mapping[str, Any]) -> bool:
        return all(key in self.choices and self.choices[key].fits(value) for key, value in match.items())


class _Expansion:
    """One pass over a matrix that collects its errors."""

    def __init__(self, project: Tree) -> None:
        self.project = project
        self.matrix: dict[str, Any] = project.value["matrix"]
        self.schema = load_schema("project")
        self.errors: list[UserError] = []
        self.product: list[tuple[_Point, bool]] = []

    def points(self) -> list[_Point]:
        axes = self._axes()
        size = math.prod(len(choices) for choices in axes.values())
        if size > _MAX_POINTS:
            self._error(("axes",), f"the axes make {size:,} variants", expected=f"at most {_MAX_POINTS:,}")
        if self.errors:
            return []
        points = self._excluded(axes, self._product(axes)) + self._added(axes)
        points = self._with_settings(axes, points)
        if not points and not self.errors:
            self._error(("exclude",), "every variant is excluded", expected="at least one that is left")
        self._demand_different_names(points)
        return points

    def _axes(self) -> dict[str, list[_Choice]]:
        axes: dict[str, list[_Choice]] = {}
        for key, values in self.matrix.get("axes", {}).items():
            path: KeyPath = ("axes", key)
            if not self._check_key(path, key):
                continue
            if isinstance(values, dict):
                axes[key] = [_Choice(self._at((*path, name)), name, named=True) for name in values]
            else:
                axes[key] = [self._choice((*path, index), key) for index in range(len(values))]
            seen: dict[str, int] = {}
            for index, choice in enumerate(axes[key]):
                if choice.label in seen and not isinstance(values, dict):
                    found = f"the axis {key!r} has two points of the name {choice.label!r}"
                    self._error((*path, index), found, expected="different points", hint=_hint_to_name(key))
                seen[choice.label] = index
        for wide, narrow in _overlaps(_values(axes)):
            found = f"the axes {wide!r} and {narrow!r} both set {narrow}"
            self._error(("axes", narrow), found, on="key", expected="axes that set different keys")
        return axes

    def _product(self, axes: Mapping[str, list[_Choice]]) -> list[_Point]:
        if not axes:
            return [] if self.matrix.get("add") else [_Point({}, (), ())]
        return [_Point(dict(zip(axes, choices, strict=True)), (), ("axes",)) for choices in product(*axes.values())]

    def _excluded(self, axes: Mapping[str, list[_Choice]], points: list[_Point]) -> list[_Point]:
        left = points
        for index, match in enumerate(self.matrix.get("exclude", [])):
            path: KeyPath = ("exclude", index)
            if self._check_match(path, match, axes, points):
                left = [point for point in left if not point.fits(match)]
        kept = {id(point) for point in left}
        self.product = [(point, id(point) in kept) for point in points]
        return left

    def with_excluded(self, points: list[_Point]) -> list[_Point]:
        """What `points` has returned, and the points that are excluded, in the order of the product."""
        left = iter(points)
        product = [next(left) if kept else replace(point, status="excluded") for point, kept in self.product]
        return [*product, *left]

    def _added(self, axes: Mapping[str, list[_Choice]]) -> list[_Point]:
        points = []
        for index, entry in enumerate(self.matrix.get("add", [])):
            path: KeyPath = ("add", index)
            missing = [key for key in axes if key not in entry]
            if missing:
                found = f"matrix.add[{index}] gives no value to {', '.join(missing)}"
                self._error(path, found, expected="a value for every axis")
                continue
            unknown = [key for key in entry if not self._check_key((*path, key), key)]
            if unknown:
                continue
            choices = {}
            for key in (*axes, *(key for key in entry if key not in axes)):
                known = [choice for choice in axes.get(key, ()) if choice.fits(entry[key])]
                choices[key] = known[0] if known else self._choice((*path, key), key)
            for wide, narrow in _overlaps({key: [choice.tree.value] for key, choice in choices.items()}):
                found = f"{wide!r} and {narrow!r} both set {narrow}"
                self._error((*path, narrow), found, on="key", expected="keys that do not overlap")
            points.append(_Point(choices, (), path, "added"))
        return points

    def _with_settings(self, axes: Mapping[str, list[_Choice]], points: list[_Point]) -> list[_Point]:
        values = _values(axes)
        for index, entry in enumerate(self.matrix.get("when", [])):
            path: KeyPath = ("when", index)
            settings = []
            for key, value in entry["set"].items():
                overlapped = [
                    axis for axis in axes if key == axis or any(_overlaps({axis: values[axis], key: [value]}))
                ]
                if overlapped:
                    found = f"{overlapped[0]!r} is an axis, so the name of the variant would be wrong"
                    self._error((*path, "set", key), found, on="key", expected="a key that is not an axis")
                elif self._check_key((*path, "set", key), key):
                    settings.append((key, _Choice(self._at((*path, "set", key)), key)))
            if self._check_match((*path, "match"), entry["match"], axes, points):
                points = [
                    replace(point, settings=(*point.settings, *settings)) if point.fits(entry["match"]) else point
                    for point in points
                ]
        return points

    def _check_key(self, path: KeyPath, key: str) -> bool:
        """Whether `key` is a key of a project that may differ between variants; an error if not."""
        steps = tuple(key.split("."))
        if has_key(self.schema, steps) and steps[0] not in ("matrix", "description"):
            return True
        known = [name for name in dotted_keys(self.schema) if name.split(".")[0] not in ("matrix", "description")]
        near = [name for name in known if name.rpartition(".")[2] == key]
        hint = f"did you mean {' or '.join(map(repr, near))}?" if near else did_you_mean(key, known)
        expected = "a key of project.yaml in dotted form, like derivatives.order"
        self._error(path, f"unknown configuration key {key!r}", on="key", expected=expected, hint=hint)
        return False

    def _check_match(
        self, path: KeyPath, match: Mapping[str, Any], axes: Mapping[str, list[_Choice]], points: list[_Point]
    ) -> bool:
        """Whether the entry speaks of axes only and matches a point; an error if not."""
        for key, value in match.items():
            if key not in axes:
                found, expected = f"{key!r} is no axis of the matrix", f"one of {', '.join(axes) or '(there are none)'}"
                self._error((*path, key), found, on="key", expected=expected, hint=did_you_mean(key, axes))
                return False
            choices = [point.choices[key] for point in points if key in point.choices]
            if not any(choice.fits(value) for choice in choices):
                labels = list(dict.fromkeys(_written(choice) for choice in choices))
                hint = did_you_mean(value, labels) if isinstance(value, str) else None
                found = f"no variant has {key} = {shown(value)}, so {dotted(('matrix', *path))} matches nothing"
                self._error((*path, key), found, expected=f"one of {', '.join(labels)}", hint=hint)
                return False
        if any(point.fits(match) for point in points):
            return True
        found = f"{dotted(('matrix', *path))} matches nothing"
        near = max(points, key=lambda point: sum(point.fits({key: value}) for key, value in match.items()))
        hint = f"the nearest variant is {near.name()!r}"
        self._error(path, found, expected="values that some variant has together", hint=hint)
        return False

    def _demand_different_names(self, points: list[_Point]) -> None:
        seen: set[str] = set()
        for point in points:
            name = point.name()
            if len(name) > _MAX_NAME:
                found = f"the name of a variant has {len(name)} characters: {name!r}"
                hint = "give the values of the axes short names of your own: `key: {name: value, other: value}`"
                self._error(point.path, found, expected=f"at most {_MAX_NAME}", hint=hint)
                return
            if name.casefold() in seen:
                hint = "remove one of them, or give the values of an axis names of your own"
                self._error(point.path, f"two variants have the name {name!r}", expected="different names", hint=hint)
            seen.add(name.casefold())

    def _choice(self, path: KeyPath, key: str) -> _Choice:
        tree = self._at(path)
        text = label(key, tree.value)
        if text is None:
            found = f"no name can be made from this value of {key!r}"
            self._error(path, found, expected="a short value or a named one", hint=_hint_to_name(key))
        return _Choice(tree, text or key)

    def _at(self, path: KeyPath) -> Tree:
        return self.project.at(("matrix", *path))

    def _error(self, path: KeyPath, found: str, **rest: Any) -> None:
        self.errors.append(self.project.error(("matrix", *path), found, **rest))


def _values(axes: Mapping[str, list[_Choice]]) -> dict[str, list[Any]]:
    return {key: [choice.tree.value for choice in choices] for key, choices in axes.items()}


def _overlaps(values: Mapping[str, Sequence[Any]]) -> Iterator[tuple[str, str]]:
    """Pairs of a key and one below it that some value of the first sets too; values: what each key may get."""
    for wide, narrow in permutations(values, 2):
        if narrow.startswith(f"{wide}.") and any(_sets(value, narrow[len(wide) + 1 :]) for value in values[wide]):
            yield wide, narrow


def _sets(value: Any, below: str) -> bool:
    """Whether a value says something about the dotted key below it; one that is no mapping replaces all below it."""
    for step in below.split("."):
        if not isinstance(value, dict):
            return True
        if step not in value:
            return False
        value = value[step]
    return True


def _hint_to_name(key: str) -> str:
    return f"give the points of an axis names: `{key}: {{name: value, other: value}}`"


def _written(choice: _Choice) -> str:
    return choice.label if choice.named else str(choice.tree.value)
