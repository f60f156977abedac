"""The cheapest depths by trying them all, judged by the naive simulator: nothing shared with the package."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

from tests.fifo import naive


def unbounded_cycles(data: dict[str, Any]) -> int | None:
    """Cycles of a decoded network with unbounded FIFOs; None where it cannot finish, or not in the order it must."""
    run = naive.simulate(data, None)
    endless = {each["name"]: 1 << 60 for each in data["streams"]}
    if run is None or (data.get("sequential") and naive.deadlocks_in_program_order(data, endless)):
        return None
    cycles: int = run["cycles"]
    return cycles


def cheapest(data: dict[str, Any], limit: int, price: Callable[[int, int], int]) -> int | None:
    """The least price (of a stream by depth and bits, summed) of all depths that keep to `limit` cycles.

    Depths are from 2 up to the words of each stream, tried in order of price.
    """
    streams = {each["name"]: each["bits"] for each in data["streams"]}
    most = _words(data)

    def total(depths: tuple[int, ...]) -> int:
        return sum(price(depth, bits) for depth, bits in zip(depths, streams.values(), strict=True))

    start = (2,) * len(streams)
    heap, seen = [(total(start), start)], {start}
    while heap:
        cost, depths = heapq.heappop(heap)
        if _good(data, dict(zip(streams, depths, strict=True)), limit):
            return cost
        for place, name in enumerate(streams):
            more = (*depths[:place], depths[place] + 1, *depths[place + 1 :])
            if depths[place] < most[name] and more not in seen:
                seen.add(more)
                heapq.heappush(heap, (total(more), more))
    return None


def _good(data: dict[str, Any], depths: dict[str, int], limit: int) -> bool:
    run = naive.simulate(data, depths, until=limit)
    if run is None or run["cycles"] > limit:
        return False
    return not (data.get("sequential") and naive.deadlocks_in_program_order(data, depths))


def _words(data: dict[str, Any]) -> dict[str, int]:
    accesses = [each for one in data["processes"] for each in naive.unroll(one["schedule"], 0, program=False)]
    names = [stream for _, kind, stream in accesses if kind == "write"]
    return {each["name"]: names.count(each["name"]) for each in data["streams"]}
