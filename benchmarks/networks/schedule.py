"""Short forms for schedules of `network.json`."""

from __future__ import annotations

from typing import Any

Item = dict[str, Any]


def read(stream: str, at: int = 0) -> Item:
    """One read, `at` stages after the start of its iteration."""
    return {"at": at, "read": stream}


def write(stream: str, at: int = 0) -> Item:
    """One write, `at` stages after the start of its iteration."""
    return {"at": at, "write": stream}


def loop(count: int, every: int, *body: Item, at: int = 0) -> Item:
    """`count` iterations of `body`, `every` stages apart, the first at `at`."""
    return {"at": at, "repeat": count, "every": every, "body": list(body)}


def accesses(items: list[Item]) -> int:
    """Accesses of a schedule, unrolled."""
    return sum(item["repeat"] * accesses(item["body"]) if "repeat" in item else 1 for item in items)
