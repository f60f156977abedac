"""Depths of a network whose cycles are promised: the mapping predicts those with FIFOs of registers."""

from __future__ import annotations

from typing import Any

from inrarch.errors import UserError
from inrarch.fifo.depths import Depths
from inrarch.fifo.network import Network
from inrarch.fifo.sizing import solve


def solve_promised(network: Network, promised: int | None, *, slack: float = 0.0, **options: Any) -> Depths:
    """The cheapest depths that keep to the cycles promised, if there are such; else to those of unbounded FIFOs.

    FIFOs of registers are faster than the memories that unbounded ones are, so the search alone would give cycles up to
    save a word. Where a memory is needed on the way that takes longest, no depths keep the promise. promised:
    `model.cycles` of `network.json`, None = unknown. slack, options: of `inrarch.fifo.solve`; as there, cycles may be
    those x (1 + slack).

    Raises UserError where the network deadlocks whatever the depths.
    """
    if promised is not None and slack >= 0:
        try:
            return solve(network, slack=slack, cycles=int(promised * (1 + slack)), **options)
        except UserError:
            pass
    return solve(network, slack=slack, **options)
