"""Good depths made cheaper stream by stream, the others held; every step is good, so that it can be stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from inrarch.fifo.memory import REGISTER_WORDS
from inrarch.fifo.objective import Objective
from inrarch.fifo.question import Question

Offer = Callable[[Mapping[str, int]], None]
"""Takes good depths."""


def cut_off(question: Question, enough: Mapping[str, int], offer: Offer) -> dict[str, int]:
    """`enough`, good depths, cut off at 2, 4, 8, ... words, the first cut that is good; then at 2 by halves."""
    offer(enough)
    depths, cap = dict.fromkeys(enough, REGISTER_WORDS), REGISTER_WORDS
    while not question.good(depths) and depths != enough:
        cap *= 2
        depths = {name: min(held, cap) for name, held in enough.items()}
    offer(depths)
    return _at_least(question, depths, sorted(depths, key=lambda name: (depths[name], name)), offer)


def _at_least(question: Question, depths: dict[str, int], names: list[str], offer: Offer) -> dict[str, int]:
    """Set as many of `names` to the least depth as possible, by halves; `depths` is good and stays so."""
    names = [name for name in names if depths[name] > REGISTER_WORDS]
    if not names:
        return depths
    trial = depths | dict.fromkeys(names, REGISTER_WORDS)
    if question.good(trial):
        offer(trial)
        return trial
    if len(names) == 1:
        return depths
    middle = len(names) // 2
    return _at_least(question, _at_least(question, depths, names[:middle], offer), names[middle:], offer)


def shrink(
    question: Question, objective: Objective, depths: Mapping[str, int], least: Mapping[str, int], offer: Offer
) -> dict[str, int]:
    """Good depths that cost no more; no stream of them can be shallower by itself. least: depths not to go below.

    Above `REGISTER_WORDS` words more never cost cycles, so bisection is exact there; registers are tried by themselves.
    """
    depths, changed = dict(depths), True
    while changed:
        before = depths
        for name in sorted(depths, key=lambda name: (-objective.of(name, depths[name]), name)):
            depths = depths | {name: _least(question, depths, name, min(least[name], depths[name]))}
            offer(depths)
        changed = depths != before
    return depths


def _least(question: Question, depths: dict[str, int], name: str, floor: int) -> int:
    """The least good depth of one stream; the given one is good."""
    high = depths[name]
    if high <= floor or question.good(depths | {name: floor}):
        return min(high, floor)
    low, step = floor, 1
    while high - low > 1:
        # Most depths cannot be less: from the top, in steps of 1, 2, 4, ...
        middle = max((low + high) // 2, high - step)
        if question.good(depths | {name: middle}):
            high, step = middle, 2 * step
        else:
            low, step = middle, high
    return high
