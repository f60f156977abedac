"""Records of builds as text for a terminal: the list, one of them, two side by side."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from inrarch.engine.fingerprint import shorten
from inrarch.engine.run_compare import Comparison, Difference
from inrarch.report.metrics import title
from inrarch.report.notation import figure
from inrarch.report.text_table import text_table

_SHOWN_METRICS = ("max_rel", "latency_us", "cycles", "dsp", "bram18", "lut", "fifo_words")
_LONGEST = 60


def list_text(records: Sequence[Mapping[str, Any]]) -> str:
    """A line per build."""
    rows = [
        (
            record["id"],
            _local(record["started"]),
            _time(record["seconds"]),
            record["status"],
            _stages(record["stages"]),
            _git(record["git"]),
            _shortened(shlex.join(record["command"])),
        )
        for record in records
    ]
    return text_table(("id", "started", "time", "result", "stages", "commit", "command"), rows, right={2})


def show_text(record: Mapping[str, Any]) -> str:
    """One build: what it was, its variants with their figures, and each stage that did something."""
    lines = [
        f"run {record['id']}: {record['status']}",
        f"  command  {shlex.join(record['command'])}",
        f"  started  {_local(record['started'])}, took {_time(record['seconds'])}",
        f"  commit   {_git(record['git'])}",
        f"  stages   {_stages(record['stages'])}",
    ]
    if record["variants"]:
        lines += ["", _variants(record["variants"])]
    done = [
        (f"{variant['name']}:{stage['stage']}", stage)
        for variant in record["variants"]
        for stage in variant["stages"]
        if stage["outcome"] not in ("current", "not run")
    ]
    if done:
        rows = [
            (name, stage["outcome"], _time(stage["seconds"]), shorten(stage["reasons"]), _summary(stage))
            for name, stage in done
        ]
        lines += ["", text_table(("stage", "outcome", "time", "why", "what"), rows, right={2})]
    for name, stage in done:
        if stage["outcome"] != "ran":
            lines += ["", f"{name} {stage['outcome']}:", *(f"    {line}" for line in stage["summary"].splitlines())]
    return "\n".join(lines)


def compare_text(before: Mapping[str, Any], after: Mapping[str, Any], comparison: Comparison) -> str:
    """Two builds side by side: only what differs, once for variants in which the same does."""
    lines = [
        text_table(
            ("", before["id"], after["id"]),
            [
                ("started", _local(before["started"]), _local(after["started"])),
                ("result", before["status"], after["status"]),
                ("commit", _git(before["git"]), _git(after["git"])),
                ("inrarch", before["inrarch"], after["inrarch"]),
                ("stages", _stages(before["stages"]), _stages(after["stages"])),
            ],
        )
    ]
    alike: dict[str, list[str]] = {}
    for name, differences in comparison.variants.items():
        alike.setdefault(repr(differences), []).append(name)
    same = alike.pop(repr(()), [])
    for names in alike.values():
        lines += ["", ", ".join(names)]
        rows = [_difference(each) for each in comparison.variants[names[0]]]
        lines += [f"  {line}" for line in text_table(("", "", "before", "after", "change"), rows, {4}).splitlines()]
    for only, which in ((comparison.only_before, before), (comparison.only_after, after)):
        if only:
            lines += ["", f"only in {which['id']}: {', '.join(only)}"]
    if same:
        lines += ["", f"the same in both: {', '.join(same)}"]
    if not comparison.variants:
        lines += ["", "the runs have no variant in common"]
    return "\n".join(lines)


def _variants(variants: Sequence[Mapping[str, Any]]) -> str:
    keys = [key for key in _SHOWN_METRICS if any(key in (variant["metrics"] or {}) for variant in variants)]
    rows = []
    for variant in variants:
        verdict, metrics = variant["verdict"], variant["metrics"] or {}
        word = "–" if verdict is None else "verified" if verdict["passed"] else "FAILED"
        rows.append((variant["name"], word, *(_value(metrics.get(key)) for key in keys)))
    return text_table(("variant", "verdict", *map(title, keys)), rows, right=range(2, len(keys) + 2))


def _difference(each: Difference) -> tuple[str, str, str, str, str]:
    key = title(each.key) if each.kind == "metric" else each.key
    change = ""
    if each.kind == "metric" and each.before and each.after is not None:
        change = f"{(each.after - each.before) / each.before:+.1%}"
    return each.kind, key, _value(each.before), _value(each.after), change


def _value(value: Any) -> str:
    if isinstance(value, float):
        return figure(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return "–" if value is None else str(value)


def _stages(counts: Mapping[str, int]) -> str:
    words = {"ran": "ran", "current": "up to date", "failed": "failed", "broken": "broken", "not run": "not run"}
    return ", ".join(f"{counts[kind]} {word}" for kind, word in words.items() if counts[kind]) or "none"


def _git(git: Mapping[str, Any] | None) -> str:
    return "–" if git is None else f"{git['commit'][:9]}{' + changes' if git['dirty'] else ''}"


def _local(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M:%S}"


def _time(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def _summary(stage: Mapping[str, Any]) -> str:
    return _shortened(stage["summary"]) if stage["outcome"] == "ran" else "see below"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
