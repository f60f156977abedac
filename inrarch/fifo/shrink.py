"""Good depths made cheaper stream by stream until none can be one step cheaper, the others held."""

from __future__ import annotations

from collections.abc import Mapping

from inrarch.fifo.conflict import REGISTERS
from inrarch.fifo.objective import Objective
from inrarch.fifo.question import Question


def shrink(question: Question, objective: Objective, depths: dict[str, int], least: Mapping[str, int]) -> dict[str, int]:
    """Good depths that cost no more; no stream of them can be cheaper by itself.

    Above `REGISTERS` words more never cost cycles, so bisection is exact there; registers are tried by themselves.
    """
    changed = True
    while changed:
        before = depths
        for name in sorted(depths, key=lambda name: (-objective.of(name, depths[name]), name)):
            depths = depths | {name: _least(question, depths, name, least[name])}
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
