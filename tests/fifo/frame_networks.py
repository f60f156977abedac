"""Random networks whose processes all repeat one frame."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.fifo.test_simulate import repeat


def frame_network(seed: int, most: int = 80) -> dict[str, Any]:
    """Processes that all repeat one frame, at most `most` times, with bursts, different rates and delays."""
    rng = Random(seed)
    period, frames, number = rng.choice([4, 6, 8, 12]), min(rng.choice([24, 40, 80]), most), rng.randint(2, 5)
    bodies: list[list[dict[str, Any]]] = [[] for _ in range(number)]
    streams = []
    for index in range(rng.randint(1, 5)):
        writer, reader = sorted(rng.sample(range(number), 2))
        words = rng.choice([n for n in (1, 2, 3, 4, 6) if period % n == 0])
        stream = {"name": f"s{index}", "bits": rng.choice([1, 8])}
        streams.append(stream | ({"latency": rng.randint(0, 3)} if rng.random() < 0.3 else {}))
        for kind, owner, at in (("write", writer, rng.randint(0, 6 * period)), ("read", reader, rng.randint(0, 3))):
            every = rng.choice([0, 1, period // words])
            bodies[owner].append(repeat(words, every, {"at": 0, kind: f"s{index}"}, at=at))
    processes = [
        {"name": f"p{n}", "schedule": [repeat(frames, period, *body, at=rng.randint(0, 5))]}
        for n, body in enumerate(bodies)
        if body
    ]
    return {"streams": streams, "processes": processes}
