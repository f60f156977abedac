"""The JSON Schemas of the files that people write: loading, defaults, keys, and what a schema expects in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from inrarch.resources import data_folder

Schema = dict[str, Any]


@cache
def load_schema(name: str) -> Schema:
    """``schemas/<name>.schema.json`` with references to other files written out. Do not change the result."""
    text = (data_folder("schemas") / f"{name}.schema.json").read_text(encoding="utf-8")
    schema: Schema = _written_out(json.loads(text))
    return schema


def _written_out(part: Any) -> Any:
    if isinstance(part, list):
        return [_written_out(entry) for entry in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        file, _, pointer = part["$ref"].partition("#")
        target: Any = load_schema(file.removesuffix(".schema.json"))
        for step in pointer.strip("/").split("/"):
            target = target[step]
        return target
    return {key: _written_out(entry) for key, entry in part.items()}


def with_defaults(schema: Schema, value: dict[str, Any]) -> dict[str, Any]:
    """`value` (valid) with every key of the schema that it lacks and that has a default, at every depth."""
    filled = dict(value)
    for key, below in schema.get("properties", {}).items():
        if key not in filled and "default" in below:
            filled[key] = below["default"]
        if "properties" in below and isinstance(filled.get(key), dict):
            filled[key] = with_defaults(below, filled[key])
    return filled


def dotted_keys(schema: Schema, prefix: str = "") -> Iterator[str]:
    """Every key of the schema in dotted form, sections included: ``derivatives``, ``derivatives.wrt``."""
    for key, below in schema.get("properties", {}).items():
        yield prefix + key
        yield from dotted_keys(below, f"{prefix}{key}.")


def has_key(schema: Schema, steps: tuple[str, ...]) -> bool:
    """Whether the schema allows the key, free names (units of a network) included."""
    if not steps:
        return True
    for branch in (schema, *schema.get("anyOf", ())):
        below = branch.get("properties", {}).get(steps[0], branch.get("additionalProperties"))
        if isinstance(below, dict) and has_key(below, steps[1:]):
            return True
    return False


def in_words(schema: Schema) -> str:
    """What the schema expects, as a fragment of a sentence: ``an integer from 4 to 32``."""
    if "const" in schema:
        return repr(schema["const"])
    if "enum" in schema:
        return " or ".join(map(repr, schema["enum"]))
    if "anyOf" in schema:
        return " or ".join(in_words(branch) for branch in schema["anyOf"])
    types = schema.get("type", [])
    words = [_type_in_words(name, schema) for name in ([types] if isinstance(types, str) else types)]
    return " or ".join(words) if words else "another value"


def _type_in_words(name: str, schema: Schema) -> str:
    match name:
        case "integer":
            return "an integer" + _range_in_words(schema)
        case "number":
            return "a number" + _range_in_words(schema)
        case "string" if "examples" in schema:
            return f"a text like {schema['examples'][0]!r}"
        case "string":
            return "a text"
        case "array":
            return _list_in_words(schema)
        case "object":
            keys = ", ".join(schema.get("properties", {}))
            return f"a mapping with the keys {keys}" if keys else "a mapping"
    return str(name)


def _range_in_words(schema: Schema) -> str:
    low, above, high = schema.get("minimum"), schema.get("exclusiveMinimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f" from {low} to {high}"
    parts = []
    if low is not None:
        parts.append(f"of at least {low}")
    if above is not None:
        parts.append(f"above {above}")
    if high is not None:
        parts.append(f"of at most {high}")
    return f" {' and '.join(parts)}" if parts else ""


def _list_in_words(schema: Schema) -> str:
    low, high = schema.get("minItems", 0), schema.get("maxItems")
    count = f"a list of {low}" if low and low == high else "a list of at least 1" if low else "a list"
    return f"{count}, each {in_words(schema['items'])}" if "items" in schema else count
