"""A JSON file that a program or a person wrote: decoded, checked against its schema, every fault with its place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inrarch.errors import UserError, did_you_mean
from inrarch.resources import data_folder


def read_json(path: Path, what: str) -> Any:
    """Decode a JSON file; `what` it should be goes into the message.

    Raises UserError: not readable, not UTF-8, not JSON (with line and column), nested too deeply.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"cannot be read: {reason}", place=str(path), expected=f"{what} (JSON)") from error
    except UnicodeDecodeError as error:
        raise UserError("is not UTF-8 text", place=str(path), expected=f"{what} (JSON)") from error
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        raise UserError(f"is not JSON: {error.msg}", place=place, expected=f"{what} (JSON)") from error
    except RecursionError as error:
        raise UserError("is nested too deeply", place=str(path), expected=f"{what} (JSON)") from error


def check_schema(data: object, schema: str, place: str) -> None:
    """Check decoded JSON against ``schemas/<schema>.schema.json``; the first fault in the file's order is raised.

    `place` begins the message. The hint where none of several forms fits is the `$comment` of the schema there.
    """
    import jsonschema

    rules = json.loads((data_folder("schemas") / f"{schema}.schema.json").read_text(encoding="utf-8"))
    faults = sorted(jsonschema.Draft7Validator(rules).iter_errors(data), key=_place_in_file)
    if not faults:
        return
    fault = faults[0]
    where = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in fault.path).lstrip(".")
    found, hint = fault.message, None
    if fault.validator == "oneOf" and isinstance(fault.schema, Mapping):
        found = "an item with " + (", ".join(f"`{key}`" for key in fault.instance) or "no key")
        hint = fault.schema.get("$comment")
    elif fault.validator == "additionalProperties" and isinstance(fault.schema, Mapping):
        known = list(fault.schema.get("properties", {}))
        unknown = next((key for key in fault.instance if key not in known), "")
        found, hint = f"unknown key {unknown!r}", did_you_mean(unknown, known)
    place = f"{place}: {where}" if where else place
    raise UserError(found, place=place, expected=f"what schemas/{schema}.schema.json says", hint=hint)


def _place_in_file(fault: Any) -> tuple[list[str], bool]:
    """Of faults in one place, an unknown key comes first: a key that is missing there may be the one misspelt."""
    place = [f"{key:012d}" if isinstance(key, int) else key for key in fault.path]
    return place, fault.validator != "additionalProperties"
