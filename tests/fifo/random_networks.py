"""Random small networks: multi-rate, reconvergent, nested repeats, some that deadlock at small depths."""

from __future__ import annotations

import random
from typing import Any


def random_network(seed: int) -> dict[str, Any]:
    """2 to 5 processes and 1 to 6 streams with matching counts; mostly feed-forward, now and then with a feedback."""
    rng = random.Random(seed)
    processes = rng.randint(2, 5)
    streams, ends = [], []
    for index in range(rng.randint(1, 6)):
        stream: dict[str, Any] = {"name": f"s{index}", "bits": rng.choice([1, 8, 36])}
        if rng.random() < 0.3:
            stream["latency"] = rng.randint(0, 4)
        first, second = sorted(rng.sample(range(processes), 2))
        if rng.random() < 0.06:
            first, second = second, first
        streams.append(stream)
        ends.append((first, second, rng.choice([1, 2, 3, 4, 6, 8, 12])))
    schedules: list[list[dict[str, Any]]] = [[] for _ in range(processes)]
    for number, schedule in enumerate(schedules):
        mine = [
            ({kind: f"s{index}"}, count)
            for index, (writer, reader, count) in enumerate(ends)
            for kind, owner in (("read", reader), ("write", writer))
            if owner == number
        ]
        if len(mine) > 1 and rng.random() < 0.6:
            schedule += _interleaved(rng, mine)
        else:
            for access, count in mine:
                schedule.append(_loop(rng, access, count))
        rng.shuffle(schedule)
    named = [{"name": f"p{number}", "schedule": schedule} for number, schedule in enumerate(schedules)]
    if rng.random() < 0.2:
        rng.choice(named)["end"] = rng.randint(0, 60)
    return {"streams": streams, "processes": named}


def _loop(rng: random.Random, access: dict[str, str], count: int) -> dict[str, Any]:
    """`count` accesses, in one or two nested loops."""
    leaf = {"at": rng.randint(0, 4), **access}
    inner = rng.choice([n for n in range(1, count + 1) if count % n == 0])
    body: dict[str, Any] = leaf
    if inner > 1:
        body = {"at": rng.randint(0, 3), "repeat": inner, "every": rng.randint(0, 3), "body": [leaf]}
    if count == 1 and rng.random() < 0.5:
        return leaf
    return {"at": rng.randint(0, 6), "repeat": count // inner, "every": rng.randint(0, 8), "body": [body]}


def _interleaved(rng: random.Random, accesses: list[tuple[dict[str, str], int]]) -> list[dict[str, Any]]:
    """One loop over the greatest common divisor of the counts; inside, each access as often as its count needs."""
    counts = [count for _, count in accesses]
    common = max(n for n in range(1, min(counts) + 1) if all(count % n == 0 for count in counts))
    body = [_loop(rng, access, count // common) for access, count in accesses]
    rng.shuffle(body)
    return [{"at": rng.randint(0, 3), "repeat": common, "every": rng.randint(0, 9), "body": body}]
