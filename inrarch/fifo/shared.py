"""Sizing with shared delay lines: they are put in where the whole network is cheaper with them and loses no cycle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inrarch.errors import UserError
from inrarch.fifo.depths import Depths
from inrarch.fifo.load import parse
from inrarch.fifo.share import Candidate, Line, candidates, with_line
from inrarch.fifo.solve import LEAST_DEPTH, solve

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shared:
    """network: with the lines, as JSON. depths: of that network. lines: none where they save nothing. before: depths
    of the network as it was given."""

    network: Json
    depths: Depths
    lines: tuple[Line, ...]
    before: Depths


def solve_shared(
    network: Mapping[str, Any],
    objective: str = "words",
    slack: float = 0.0,
    cycles: int | None = None,
    time_limit_s: float | None = 60.0,
) -> Shared:
    """Depths, and delay lines where they make the network cheaper in `objective` within the same cycles.

    network: decoded JSON; processes whose `kernel` is `fork` may be split. The options are those of `solve`;
    time_limit_s is for each of the networks that are solved: the given one, one with all lines, and where that is not
    cheaper, one per fork. Raises UserError as `solve` does.
    """
    before = solve(network, objective=objective, slack=slack, cycles=cycles, time_limit_s=time_limit_s)
    limit = before.unbounded_cycles if before.limit is None else before.limit
    found = candidates(network, before.depths, LEAST_DEPTH)

    def attempt(data: Mapping[str, Any], chosen: Sequence[Candidate]) -> tuple[Json, Depths, list[Line]] | None:
        lines: list[Line] = []
        result = dict(data)
        for each in chosen:
            result, more = with_line(result, each)
            lines += more
        try:
            depths = solve(result, objective=objective, cycles=limit, time_limit_s=time_limit_s)
        except UserError:  # the cycle of the second fork is one too many
            return None
        return result, depths, lines

    return _cheapest(network, before, found, attempt, objective)


def _cheapest(
    network: Mapping[str, Any],
    before: Depths,
    found: Sequence[Candidate],
    attempt: Callable[[Mapping[str, Any], Sequence[Candidate]], tuple[Json, Depths, list[Line]] | None],
    objective: str,
) -> Shared:
    best = Shared(dict(network), before, (), before)
    groups = [list(found)] if found else []
    if len(found) > 1:
        groups += [[each] for each in found]
    for group in groups:
        tried = attempt(best.network, group)
        if tried is None or getattr(tried[1], objective) >= getattr(best.depths, objective):
            continue
        best = Shared(tried[0], tried[1], (*best.lines, *tried[2]), before)
        if len(group) == len(found):
            break
    parse(best.network)
    return best
