"""What nextpnr's report says: clocks, the critical path in terms of units, the share of the device in use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_UNIT = re.compile(r"(?:^|\.)(u|fifo|memory)_([A-Za-z0-9_]+)")
_KINDS = {"u": "process", "fifo": "stream", "memory": "memory"}


def clocks(report: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Achieved and constrained frequency of every clock, MHz."""
    return {
        name: {"achieved_mhz": float(each["achieved"]), "constraint_mhz": float(each["constraint"])}
        for name, each in report["fmax"].items()
    }


def utilisation(report: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Cells used and available, by kind; kinds of which none is used are left out."""
    return {
        kind: {"used": int(each["used"]), "available": int(each["available"])}
        for kind, each in report["utilization"].items()
        if each["used"]
    }


def critical_path(report: Mapping[str, Any], clock: str) -> dict[str, Any]:
    """The longest path from `clock` to itself: its delay, and the units it goes through, from the first to the last.

    logic_ns, routing_ns: what cells and what wires take. An empty dict where there is no such path.
    """
    for path in report["critical_paths"]:
        if path["from"].endswith(clock) and path["to"].endswith(clock):
            steps = path["path"]
            routing = sum(step["delay"] for step in steps if step["type"] == "routing")
            whole = sum(step["delay"] for step in steps)
            return {"logic_ns": round(whole - routing, 3), "routing_ns": round(routing, 3), "through": _units(steps)}
    return {}


def _units(steps: Sequence[Mapping[str, Any]]) -> list[str]:
    """Units in the order of the path, each once in a row: `process linear_1`; `board` for what is around the design."""
    names: list[str] = []
    for step in steps:
        cell = step.get("to", {}).get("cell", "")
        found = _UNIT.search(cell)
        name = f"{_KINDS[found[1]]} {found[2].split('.')[0]}" if found else "board"
        if not names or names[-1] != name:
            names.append(name)
    return names
