"""Random networks that do the same for every row: multi-rate, reconvergent, some with feedback, some that deadlock."""

from __future__ import annotations

import random
from typing import Any


def repetitive_network(seed: int, rows: int) -> dict[str, Any]:
    """2 to 6 processes that handle `rows` rows each; a stream carries 1 to 6 words per row."""
    rng = random.Random(seed)
    processes = rng.randint(2, 6)
    mine: list[list[tuple[str, str, int]]] = [[] for _ in range(processes)]
    streams = []
    for index in range(rng.randint(1, 8)):
        stream: dict[str, Any] = {"name": f"s{index}", "bits": 8}
        if rng.random() < 0.3:
            stream["latency"] = rng.randint(0, 9)
        first, second = sorted(rng.sample(range(processes), 2))
        if rng.random() < 0.1:
            first, second = second, first
        words = rng.choice([1, 1, 2, 3, 4, 6])
        streams.append(stream)
        mine[first].append(("write", stream["name"], words))
        mine[second].append(("read", stream["name"], words))
    named = []
    for number, accesses in enumerate(mine):
        rng.shuffle(accesses)
        process: dict[str, Any] = {"name": f"p{number}", "schedule": _schedule(rng, accesses, rows)}
        if rng.random() < 0.2:
            process["end"] = rng.randint(0, 9 * rows)
        named.append(process)
    return {"streams": streams, "processes": named}


def _schedule(rng: random.Random, accesses: list[tuple[str, str, int]], rows: int) -> list[dict[str, Any]]:
    """All accesses of a row in one loop over the rows, or a loop for each; sometimes the first row by itself."""
    every = rng.randint(1, 14)
    items: list[dict[str, Any]] = []
    begin = 0
    if rows > 1 and rng.random() < 0.3:
        items += [_row(rng, each, 0) for each in accesses]
        begin = 1
    start = rng.randint(0, 20)
    if rng.random() < 0.6:
        bodies = [[_row(rng, each, rng.randint(0, 12)) for each in accesses]]
    else:
        bodies = [[_row(rng, each, rng.randint(0, 12))] for each in accesses]
    for body in bodies:
        if body and rng.random() < 0.8:
            items.append({"at": start, "repeat": rows - begin, "every": every, "body": body})
        elif body:  # another pace
            items.append({"at": start, "repeat": rows - begin, "every": rng.randint(1, 14), "body": body})
    return [item for item in items if item.get("repeat", 1) > 0]


def _row(rng: random.Random, access: tuple[str, str, int], at: int) -> dict[str, Any]:
    kind, stream, words = access
    if words == 1:
        return {"at": at, kind: stream}
    return {"at": at, "repeat": words, "every": rng.randint(0, 3), "body": [{"at": rng.randint(0, 2), kind: stream}]}
