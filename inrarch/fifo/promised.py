"""Depths of a network whose cycles are promised: the mapping predicts those with FIFOs of registers."""

from __future__ import annotations

import time
from typing import Any

from inrarch.errors import UserError
from inrarch.fifo.depths import Depths
from inrarch.fifo.network import Network
from inrarch.fifo.simulate import Simulator
from inrarch.fifo.sizing import TIME_LIMIT_S, solve


def solve_promised(
    network: Network,
    promised: int | None,
    *,
    slack: float = 0.0,
    time_limit_s: float | None = TIME_LIMIT_S,
    **options: Any,
) -> Depths:
    """The cheapest depths that keep to the cycles promised, or nearly; else to those of unbounded FIFOs.

    FIFOs of registers are faster than the memories that unbounded ones are, so the search alone would give cycles up to
    save a word. Where memories are needed on the way that takes longest, no depths keep the promise: then 1, 3, 7, ...
    cycles more are tried, in half of the time at most. promised: `model.cycles` of `network.json`, None = unknown.
    slack, time_limit_s, options: of `inrarch.fifo.solve`; as there, cycles may be those x (1 + slack).

    Raises UserError where the network deadlocks whatever the depths.
    """
    begin, more = time.monotonic(), 0
    most = Simulator(network).run(None).cycles
    while promised is not None and most is not None and promised + more < most and slack >= 0:
        rest = None if time_limit_s is None else time_limit_s / 2 - (time.monotonic() - begin)
        if rest is not None and rest <= 0:
            break
        try:
            limit = int((promised + more) * (1 + slack))
            return solve(network, slack=slack, cycles=limit, time_limit_s=rest, **options)
        except UserError:
            more = 2 * more + 1
    return solve(network, slack=slack, time_limit_s=time_limit_s, **options)
