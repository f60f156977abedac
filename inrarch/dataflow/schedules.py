"""Schedules as JSON: when a unit, after its start, reads and writes which stream (DESIGN.md 7).

The nesting of `repeat` is the loop structure of the C++ kernels, so that program order, too, is theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

Items = list[dict[str, Any]]
Flags = npt.NDArray[np.signedinteger[Any]]
READ, WRITE = 1, 2
"""Bits 0 and 1 of the flags of a kernel with one input and one output."""


def compressed(flags: Flags, accesses: Sequence[Items]) -> Items:
    """Flags per iteration -> items: the shortest period that repeats, in it runs of equal iterations.

    Bit b of an iteration's flags stands for `accesses[b]`, in this order.
    """
    if not flags.any():
        return []
    period = next(p for p in range(1, len(flags) + 1) if len(flags) % p == 0 and not (flags[p:] != flags[:-p]).any())
    items: Items = []
    position = 0
    for kind, run in groupby(flags[:period].tolist()):
        length = len(list(run))
        body = [item for bit, items_of in enumerate(accesses) if kind >> bit & 1 for item in items_of]
        if body:
            items.append(repeated(position, length, 1, body))
        position += length
    return items if period == len(flags) else [repeated(0, len(flags) // period, period, items)]


def repeated(at: int, count: int, every: int, body: Items) -> dict[str, Any]:
    """`count` iterations of `body`, `every` stages apart, the first at `at`."""
    # A write keeps its iteration around it: its own `at` is a latency, which program order must not see.
    if count == 1 and len(body) == 1 and body[0]["at"] == 0:
        return body[0] | {"at": at}
    return {"at": at, "repeat": count, "every": every, "body": body}
