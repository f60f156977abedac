"""What differs between the records of two builds: configuration, inputs, metrics, verdicts, variants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inrarch.engine.run_files import Record

_FIRST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same. kind: `configuration`, `input`, `metric` or `verdict`; None = not there."""

    kind: str
    key: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two builds, variant by variant.

    variants: differences by name of the variants that both have; empty for one that is the same.
    only_before, only_after: the names of the others.
    """

    variants: Mapping[str, tuple[Difference, ...]]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]


def compare_records(before: Record, after: Record) -> Comparison:
    """Compare two records as `read_record` returns them."""
    old = {variant["name"]: variant for variant in before["variants"]}
    new = {variant["name"]: variant for variant in after["variants"]}
    return Comparison(
        {name: _differences(old[name], new[name]) for name in old if name in new},
        tuple(name for name in old if name not in new),
        tuple(name for name in new if name not in old),
    )


def _differences(old: Record, new: Record) -> tuple[Difference, ...]:
    return (
        *_changed("configuration", old["configuration"], new["configuration"]),
        *_changed("input", _short(old["inputs"]), _short(new["inputs"])),
        *_changed("verdict", _verdict(old), _verdict(new)),
        *_changed("metric", old["metrics"] or {}, new["metrics"] or {}),
    )


def _changed(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    keys = dict.fromkeys((*old, *new))
    return [Difference(kind, key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)]


def _short(inputs: Mapping[str, str] | None) -> dict[str, str]:
    return {name: digest[:_FIRST_DIGITS] for name, digest in (inputs or {}).items()}


def _verdict(variant: Record) -> dict[str, str]:
    verdict = variant["verdict"]
    return {"verdict": "no report" if verdict is None else "verified" if verdict["passed"] else "FAILED"}
