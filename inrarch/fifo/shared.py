"""Sizing with shared delay lines: they are put in where the whole network is cheaper with them and loses no cycle."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from inrarch.errors import UserError
from inrarch.fifo.depths import Depths
from inrarch.fifo.load import parse
from inrarch.fifo.network import Network
from inrarch.fifo.objective import Price, price
from inrarch.fifo.question import Question
from inrarch.fifo.share import Candidate, Line, candidates, moved, with_line
from inrarch.fifo.sizing import LEAST_DEPTH, evaluate, solve

Json = dict[str, Any]

SPARES = (0, 2, 4, 8, 16, 32)
"""Words beside the shared ones that late readers are given, until no cycle is lost."""


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
    before: Depths | None = None,
    costs: Price | None = None,
    worth: float = 1.0,
) -> Shared:
    """Depths, and delay lines where they make the network cheaper in `objective` within the same cycles.

    network: decoded JSON; processes whose `kernel` is `fork` may be split. The options are those of `solve`;
    time_limit_s is for each of the networks that are solved: the given one, one with all lines, and where that is not
    cheaper, one per fork, the most promising first, as many as begin in that time. before: what `solve` gave with these
    options, where it is known. worth: lines are kept where the network costs at most this part of what it did; their
    forks take logic of their own. Raises UserError as `solve` does.
    """
    each_costs = price(objective, costs)
    before = before or solve(network, objective, slack, cycles, time_limit_s, costs)
    limit = before.unbounded_cycles if before.limit is None else before.limit
    found = candidates(network, before.depths, LEAST_DEPTH)

    def attempt(data: Mapping[str, Any], chosen: Sequence[Candidate]) -> tuple[Json, Depths, list[Line]] | None:
        lines: list[Line] = []
        result = dict(data)
        for each in chosen:
            result, more = with_line(result, each)
            lines += more
        try:
            depths = solve(result, objective=objective, cycles=limit, time_limit_s=time_limit_s, costs=costs)
        except UserError:  # the cycle of the second fork is one too many
            return None
        return result, _better(parse(result), depths, _moved(result, lines, before, limit), each_costs), lines

    return _cheapest(network, before, found, attempt, time_limit_s, worth)


def _moved(network: Json, lines: Sequence[Line], before: Depths, limit: int) -> dict[str, int] | None:
    """The depths of before with the words of late readers in the lines; each line as short as it can be by itself."""
    question = Question(parse(network), limit)
    for spare in SPARES:
        depths = moved(network, lines, before.depths, LEAST_DEPTH, spare)
        if not question.good(depths):
            continue
        for name in [name for line in lines for name in (line.stream, *line.readers)]:
            low, high = LEAST_DEPTH - 1, depths[name]
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if question.good({**depths, name: middle}) else (middle, high)
            depths[name] = high
        return depths
    return None


def _better(network: Network, solved: Depths, other: Mapping[str, int] | None, each: Price) -> Depths:
    """The cheaper of both; the bound is that of the network."""
    assert solved.bound is not None
    found = None if other is None else evaluate(network, other)[0]
    if found is None:
        return solved
    cost = sum(each(found.depths[stream.name], stream.bits) for stream in network.streams)
    if cost >= _cost(solved):
        return solved
    return replace(
        found,
        lower_bound=solved.lower_bound,
        objective=solved.objective,
        cost=cost,
        bound=solved.bound,
        slack=solved.slack,
        limit=solved.limit,
        gap=(cost - solved.bound) / cost,
        optimal=cost == solved.bound,
        method="words of late readers moved into shared lines",
    )


def _cheapest(
    network: Mapping[str, Any],
    before: Depths,
    found: Sequence[Candidate],
    attempt: Callable[[Mapping[str, Any], Sequence[Candidate]], tuple[Json, Depths, list[Line]] | None],
    time_limit_s: float | None,
    worth: float,
) -> Shared:
    best = Shared(dict(network), before, (), before)
    groups = [list(found)] if found else []
    if len(found) > 1:
        groups += [[each] for each in found]
    start = time.monotonic()
    for group in groups:
        if time_limit_s is not None and len(group) < len(found) and time.monotonic() - start > 2 * time_limit_s:
            break
        tried = attempt(best.network, group)
        if tried is None or _cost(tried[1]) >= _cost(best.depths) or _cost(tried[1]) > worth * _cost(best.depths):
            continue
        best = Shared(tried[0], tried[1], (*best.lines, *tried[2]), before)
        if len(group) == len(found):
            break
    parse(best.network)
    return best


def _cost(depths: Depths) -> int:
    assert depths.cost is not None
    return depths.cost
