from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inrarch.report.pareto import pareto_front

SMALL = st.integers(0, 6)


def beats(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] <= other[0] and one[1] <= other[1] and one != other


@given(st.lists(st.tuples(SMALL, SMALL), max_size=12))
def test_the_front_holds_exactly_the_points_that_none_beats_each_place_once(points: list[tuple[float, float]]) -> None:
    front = [points[number] for number in pareto_front(points)]
    assert set(front) == {each for each in points if not any(beats(other, each) for other in points)}
    assert front == sorted(set(front))
