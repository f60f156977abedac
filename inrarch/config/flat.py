"""A variant's resolved configuration as one flat mapping of dotted keys: what runs and variants are compared by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from inrarch.config.model import Board

_NOT_CONFIGURATION = {"project", "name", "folder", "description"}


def flat_configuration(variant: Any) -> dict[str, Any]:
    """Every setting of a variant by its key in project.yaml (`derivatives.order`), sorted by key.

    Values are texts, numbers, booleans, None, or lists of these. A board counts by its name, a file by its path from
    the project's folder, pinned parallelism by the lanes of each unit (`dataflow.parallelism.hidden_1.inputs`).
    """
    values: dict[str, Any] = {}
    for field in fields(variant):
        if field.name not in _NOT_CONFIGURATION:
            _collect(field.name, getattr(variant, field.name), variant.folder, values)
    return dict(sorted(values.items()))


def _collect(key: str, value: Any, folder: Path, into: dict[str, Any]) -> None:
    if isinstance(value, Board):
        into[key] = value.name
    elif key == "dataflow.pinned":
        _collect("dataflow.parallelism", dict(value) or "auto", folder, into)
    elif key == "derivatives.terms":
        into[key] = [
            f"{name}: {{{', '.join(f'{text}: {weight:g}' for text, weight in terms)}}}" for name, terms in value
        ]
    elif key == "derivatives.columns":
        into[key] = [f"{name}: {list(columns)}" for name, columns in value]
    elif key == "numeric.max_error":
        into["constraints.max_error"] = [f"{n}: {m:g}" for n, m in value] if isinstance(value, tuple) else value
    elif is_dataclass(value):
        for field in fields(value):
            _collect(f"{key}.{field.name}", getattr(value, field.name), folder, into)
    elif isinstance(value, Mapping):
        for name, below in value.items():
            _collect(f"{key}.{name}", below, folder, into)
    elif isinstance(value, Path):
        into[key] = value.relative_to(folder).as_posix() if value.is_relative_to(folder) else value.name
    elif isinstance(value, tuple | list):
        into[key] = [_plain(each) for each in value]
    else:
        into[key] = _plain(value)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | list) or value is None else str(value)
