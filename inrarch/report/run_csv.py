"""Records of builds as CSV: one row per run and variant."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from inrarch.report.metrics import TITLES

_RUN = ("run", "started", "seconds", "status", "commit", "dirty", "command")
_VARIANT = ("project", "variant", "verdict", "stages_ran", "stages_seconds")


def write_csv(records: Sequence[Mapping[str, Any]], stream: TextIO) -> int:
    """Write the rows, the header always; returns how many. Configuration keys stand as `config.KEY`, figures bare."""
    variants = [variant for record in records for variant in record["variants"]]
    settings = sorted({key for variant in variants for key in variant["configuration"]})
    found = {key for variant in variants for key in variant["metrics"] or ()}
    known = list(TITLES)
    metrics = sorted(found, key=lambda key: (known.index(key.partition(".")[0]), key))
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*_RUN, *_VARIANT, *metrics, *(f"config.{key}" for key in settings)])
    for record in records:
        for variant in record["variants"]:
            figures, configuration = variant["metrics"] or {}, variant["configuration"]
            writer.writerow(
                [
                    *_run(record),
                    *_variant(variant),
                    *(_cell(figures.get(key)) for key in metrics),
                    *(_cell(configuration.get(key)) for key in settings),
                ]
            )
    return len(variants)


def _run(record: Mapping[str, Any]) -> list[Any]:
    git = record["git"] or {"commit": None, "dirty": None}
    command = " ".join(record["command"])
    figures = (record["id"], record["started"], record["seconds"], record["status"], git["commit"], git["dirty"])
    return [*map(_cell, figures), _cell(command)]


def _variant(variant: Mapping[str, Any]) -> list[Any]:
    ran = [stage for stage in variant["stages"] if stage["outcome"] == "ran"]
    verdict = variant["verdict"]
    word = None if verdict is None else "verified" if verdict["passed"] else "failed"
    seconds = round(sum(stage["seconds"] for stage in ran), 3)
    return [_cell(variant["project"]), _cell(variant["variant"]), _cell(word), len(ran), seconds]


def _cell(value: Any) -> Any:
    """Nothing for None, JSON for lists and booleans; a text that a spreadsheet would take for a formula is quoted."""
    if value is None:
        return ""
    if isinstance(value, list | bool):
        return json.dumps(value)
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
