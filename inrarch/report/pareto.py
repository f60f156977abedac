"""The points of a set that no other point beats."""

from __future__ import annotations

from collections.abc import Sequence


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Numbers of the points for which no other is at most as large in both values and smaller in one; by rising x.

    Of equal points the first counts.
    """
    front: list[int] = []
    best = float("inf")
    for number in sorted(range(len(points)), key=lambda each: (points[each], each)):
        if points[number][1] < best:
            best = points[number][1]
            front.append(number)
    return front
