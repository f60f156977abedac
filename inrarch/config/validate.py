"""Checks a configuration against its JSON Schema; every error with its place, what was found and what is expected."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from inrarch.config.schema import Schema, dotted_keys, in_words, load_schema
from inrarch.config.tree import KeyPath, Mark, Tree, dotted
from inrarch.errors import UserError, did_you_mean

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator


def schema_errors(tree: Tree, schema_name: str) -> list[UserError]:
    """All that the schema has against the tree, from top to bottom of the file; empty when it is valid.

    An unknown key is marked at the key, a wrong value at the value, a missing key at the mapping that lacks it.
    """
    found: dict[str, tuple[Mark, UserError]] = {}
    for error in _validator(schema_name).iter_errors(tree.value):
        for path, problem in _problems(error, tree, schema_name):
            origin = tree.nearest(path)
            found[problem.text()] = (origin.value if origin else Mark(0, 0), problem)
    return [problem for _, problem in sorted(found.values(), key=lambda pair: pair[0])]


def shown(value: Any) -> str:
    """A value as an error message names it: ``'text'``, ``0.5``, ``true``, ``a list``, ``a mapping``, ``empty``."""
    if value is None:
        return "empty"
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:60] + "...")
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, float) and not math.isfinite(value):
        return f".{value}".replace(".-", "-.")
    return json.dumps(value)


@cache
def _validator(schema_name: str) -> Validator:
    from jsonschema import Draft7Validator
    from jsonschema.validators import extend

    def is_number(_: Any, value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)

    def is_integer(_: Any, value: Any) -> bool:
        return is_number(_, value) and value == int(value)

    # The library is typed in part: its classes are made at run time.
    checker = Draft7Validator.TYPE_CHECKER.redefine_many({"number": is_number, "integer": is_integer})
    validator_class: Any = extend(Draft7Validator, type_checker=checker)  # type: ignore[no-untyped-call]
    validator: Validator = validator_class(load_schema(schema_name))
    return validator


def _problems(error: ValidationError, tree: Tree, schema_name: str) -> Iterator[tuple[KeyPath, UserError]]:
    path: KeyPath = tuple(error.absolute_path)
    instance: Any = error.instance
    schema: Schema = error.schema  # type: ignore[assignment]
    keyword = error.validator
    name = dotted(path)
    where = f" in {name}" if name else ""
    if keyword == "additionalProperties":
        known = list(schema["properties"])
        for key in instance.keys() - known:
            hint = _belongs_to(key, schema_name) or did_you_mean(key.lower().replace("-", "_"), known)
            expected = f"one of {', '.join(known)}"
            at = (*path, key)
            yield at, tree.error(at, f"unknown key {key!r}{where}", on="key", expected=expected, hint=hint)
    elif keyword == "required":
        for key in schema["required"]:
            if key not in instance:
                expected = f"{key}: {in_words(schema['properties'][key])}"
                yield path, tree.error(path, f"the key {key!r} is missing{where}", on="key", expected=expected)
    elif keyword == "anyOf":
        yield from _problems_of_branches(error, tree, schema_name)
    elif "propertyNames" in error.absolute_schema_path:
        found = f"{instance!r} is not allowed as a name{where}"
        expected = f"letters, digits and _.-, beginning with a letter or digit, like {schema['examples'][0]!r}"
        at = (*path, instance)
        yield at, tree.error(at, found, on="key", expected=expected)
    elif keyword == "uniqueItems":
        yield path, tree.error(path, f"{name} has an entry twice", expected="each entry once")
    elif keyword == "minProperties":
        yield path, tree.error(path, f"{name} is an empty mapping", expected="at least one entry")
    else:
        choices = map(str, schema.get("enum", ()))
        hint = did_you_mean(instance, choices) if isinstance(instance, str) else None
        found = f"{name or 'the file'} is {shown(instance)}"
        yield path, tree.error(path, found, expected=in_words(schema), hint=hint)


def _problems_of_branches(error: ValidationError, tree: Tree, schema_name: str) -> Iterator[tuple[KeyPath, UserError]]:
    """Where the value has the type of an alternative, what that one has against it; else all alternatives."""
    schema: Schema = error.schema  # type: ignore[assignment]
    for index, branch in enumerate(schema["anyOf"]):
        inner = [below for below in error.context or () if below.relative_schema_path[0] == index]
        if "type" in branch and not any(below.validator == "type" and not below.relative_path for below in inner):
            for below in inner:
                yield from _problems(below, tree, schema_name)
            return
    path: KeyPath = tuple(error.absolute_path)
    yield path, tree.error(path, f"{dotted(path)} is {shown(error.instance)}", expected=in_words(schema))


def _belongs_to(key: str, schema_name: str) -> str | None:
    """Where in the file a key of that name belongs, for one that stands in the wrong section."""
    homes = [home for home in dotted_keys(load_schema(schema_name)) if home.rpartition(".")[2] == key]
    return f"did you mean {' or '.join(map(repr, homes))}?" if homes else None
