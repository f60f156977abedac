"""Cycles against memory: the cheapest depths for more and more cycles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from inrarch.fifo.depths import Depths
from inrarch.fifo.network import Network
from inrarch.fifo.objective import Price
from inrarch.fifo.sizing import LEAST_DEPTH, TIME_LIMIT_S, Solver, read_network

SLACKS = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Shares of the unbounded cycles that are tried."""


def pareto(
    network: Network | Mapping[str, object] | Path | str,
    objective: str = "words",
    slacks: Iterable[float] = SLACKS,
    time_limit_s: float | None = TIME_LIMIT_S,
    costs: Price | None = None,
) -> list[Depths]:
    """Solutions of `solve` of which none is as good as another in both cycles and the objective, fastest first.

    slacks: cycles beyond the unbounded ones that are tried, as a share of them; no more are tried where all streams
    have their least depth. time_limit_s: for all points together. Raises UserError as `solve` does.
    """
    solver = Solver(read_network(network))
    tries = sorted(set(slacks))
    front: list[Depths] = []
    floor = {stream.name: LEAST_DEPTH for stream in solver.network.streams}
    for slack in tries:
        share = None if time_limit_s is None else time_limit_s / len(tries)
        point = solver.solve(objective, slack, None, share, costs, known=[each.depths for each in front])
        if not front or solver.cost(objective, costs, point.depths) < solver.cost(objective, costs, front[-1].depths):
            front.append(point)
        if dict(point.depths) == floor:
            break
    return front
