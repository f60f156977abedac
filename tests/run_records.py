"""Hand-made records of builds."""

from __future__ import annotations

from typing import Any


def variant(name: str = "net@u50", **changes: Any) -> dict[str, Any]:
    """A verified variant of which one stage ran."""
    project, _, rest = name.partition("@")
    return {
        "name": name,
        "project": project,
        "variant": rest,
        "configuration": {"board": "u50", "derivatives.order": 1, "domain.low": [-1.0], "constraints.dsp_count": None},
        "report": "a" * 64,
        "inputs": {"model": "b" * 64},
        "verdict": {"passed": True, "summary": "fine"},
        "metrics": {"max_rel": 0.002, "max_rel.order0": 0.001, "max_rel.order1": 0.002, "cycles": 100, "dsp": 12},
        "stages": [
            {"stage": "map", "outcome": "current"},
            {"stage": "fifo", "outcome": "ran", "seconds": 1.5, "reasons": ["x: 1 -> 2"], "summary": "8 words"},
        ],
    } | changes


def record(name: str = "20261121-130303-6ae1", *variants: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A build that ended well."""
    return {
        "format": 1,
        "id": name,
        "status": "ok",
        "idle": False,
        "exit_code": 0,
        "started": "2026-11-21T13:03:03.417+00:00",
        "finished": "2026-11-21T13:03:05.417+00:00",
        "seconds": 2.0,
        "command": ["inrarch", "build", "net"],
        "git": {"commit": "c" * 40, "branch": "main", "dirty": False},
        "inrarch": "0.1.0",
        "host": "here",
        "pid": 1,
        "stages": {"ran": 1, "current": 1, "failed": 0, "broken": 0, "not run": 0},
        "variants": list(variants or (variant(),)),
    } | changes
